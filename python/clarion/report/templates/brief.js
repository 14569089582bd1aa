"use strict";
// Who sees what, and in which order: an approver money first, an owner their own campaigns, a channel manager load and clashes.
const order = {
  "": ["first", "calendar", "strategies", "kpis", "risks", "roadmap", "team", "records"],
  owner: ["first", "calendar", "strategies", "kpis", "risks", "roadmap", "team", "records"],
  approver: ["first", "strategies", "risks", "team", "calendar", "records"],
  channel_manager: ["risks", "first", "calendar", "roadmap", "kpis", "records"],
};
const SHOWN_FIRST = 6;
const campaigns = JSON.parse(document.getElementById("campaigns").textContent);
const form = document.querySelector("nav.filters form");
const role = form.elements.role, person = form.elements.person;
const all = (selector) => [...document.querySelectorAll(selector)];
const opened = new Map(); // what the reader had open before a filter opened it

const heldBy = (index) => campaigns[index]?.[role.value] === person.value;
const mine = (item) => !role.value || !person.value || (item.dataset.c || "").split(" ").some(heldBy);

function fillPeople() {
  const names = new Set(role.value ? campaigns.map((campaign) => campaign[role.value]).filter(Boolean) : []);
  person.replaceChildren(new Option("everyone", ""), ...[...names].sort().map((name) => new Option(name, name)));
  person.disabled = names.size === 0;
}

// Sections move in the document itself, so that the keyboard follows the eye.
function arrange() {
  const main = document.querySelector("main"), footer = main.querySelector("footer");
  for (const id of order[role.value]) main.insertBefore(document.getElementById(id), footer);
}

function sayWhose() {
  const line = document.getElementById("mine");
  line.hidden = !person.value;
  if (!person.value) return;
  const own = campaigns.filter((_, index) => heldBy(index));
  const budget = own.reduce((sum, campaign) => sum + (campaign.budget || 0), 0);
  const clashes = own.filter((campaign) => campaign.conflicts_with.length).length;
  const parts = [`${own.length} campaign${own.length === 1 ? "" : "s"}`];
  if (budget) parts.push(`${Math.round(budget).toLocaleString("en-US")} of budget`);
  parts.push(`${own.map((c) => c.start).sort()[0]} to ${own.map((c) => c.end).sort().at(-1)}`, `${clashes} in conflict`);
  line.textContent = `${person.value}: ${parts.join(", ")}`;
}

function apply() {
  const severity = form.elements.severity.value, layer = form.elements.layer.value;
  const words = form.elements.text.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const named = (item) => words.every((word) => item.textContent.toLowerCase().includes(word));
  const keeps = (item) => (!severity || item.dataset.severity === severity) && mine(item) && named(item);
  const filtering = Boolean(severity || words.length || person.value);

  const wanted = (item) => !role.value || item.dataset.roles.split(" ").includes(role.value);
  for (const item of all("section, .block")) {
    item.hidden = !wanted(item) || Boolean(layer && item.dataset.layer && item.dataset.layer !== layer);
  }
  const findings = all(".finding");
  for (const item of findings) item.hidden = !keeps(item);
  const visible = (item) => !item.hidden && !item.closest("section").hidden;
  const firsts = all(".first > li").filter((item) => visible(document.getElementById(item.dataset.of)));
  for (const item of all(".first > li")) item.hidden = !firsts.slice(0, SHOWN_FIRST).includes(item);
  document.querySelector("#first .none").hidden = firsts.length > 0;

  for (const row of all("tr[data-c], tbody[data-c]")) row.hidden = !(mine(row) && named(row));
  for (const block of all(".block")) {
    const rows = [...block.querySelectorAll("[data-c]:is(tr, tbody)")];
    if (rows.length && rows.every((row) => row.hidden)) block.hidden = true;
  }
  for (const mark of all("svg .row, svg .link, svg .cell")) mark.classList.toggle("dim", !mine(mark));
  const channels = new Set(campaigns.filter((_, index) => heldBy(index)).map((campaign) => campaign.channel));
  for (const lane of all("#risks .lane")) {
    lane.classList.toggle("dim", role.value === "channel_manager" && Boolean(person.value) && !channels.has(lane.dataset.lane));
  }

  // What a filter finds is not left behind a closed "more".
  for (const more of all(".findings > .more, .block > .more")) {
    const kept = more.querySelectorAll(".finding:not([hidden])").length;
    if (more.parentElement.matches(".findings")) {
      more.hidden = kept === 0;
      more.firstElementChild.textContent = `${kept} more`;
    }
    if (filtering && !opened.has(more)) { opened.set(more, more.open); more.open = true; }
    if (!filtering && opened.has(more)) { more.open = opened.get(more); opened.delete(more); }
  }
  for (const link of all("nav.contents a")) link.hidden = document.querySelector(link.getAttribute("href")).hidden;
  const shown = findings.filter(visible).length;
  document.getElementById("shown").textContent =
    shown === findings.length ? `${shown} findings` : `${shown} of ${findings.length} findings`;
  sayWhose();
}

role.addEventListener("change", () => { fillPeople(); arrange(); apply(); });
form.addEventListener("input", apply);
form.addEventListener("submit", (event) => event.preventDefault());
document.getElementById("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
});
fillPeople();
apply();
