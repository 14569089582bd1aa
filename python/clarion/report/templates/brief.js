"use strict";
const people = JSON.parse(document.getElementById("people").textContent);
const form = document.querySelector("nav.filters form");
const role = form.elements.role, person = form.elements.person;

function fillPeople() {
  const names = people[role.value] || [];
  person.replaceChildren(new Option("everyone", ""), ...names.map((name) => new Option(name, name)));
  person.disabled = names.length === 0;
}

function apply() {
  const severity = form.elements.severity.value, layer = form.elements.layer.value;
  const words = form.elements.text.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const key = { owner: "owners", approver: "approvers", channel_manager: "managers" }[role.value];
  const mine = (item) => !key || !person.value || JSON.parse(item.dataset[key] || "[]").includes(person.value);
  let shown = 0, all = 0;
  for (const item of document.querySelectorAll(".finding")) {
    const text = item.textContent.toLowerCase();
    const keep = (!severity || item.dataset.severity === severity) && mine(item) && words.every((word) => text.includes(word));
    item.hidden = !keep;
    all += 1; shown += keep;
  }
  for (const row of document.querySelectorAll("tr[data-owners]")) row.hidden = !mine(row);
  for (const mark of document.querySelectorAll("svg .row, svg .link")) {
    const holder = document.querySelector(`[data-holder="${CSS.escape(mark.dataset.campaign)}"]`);
    mark.classList.toggle("dim", Boolean(holder) && !mine(holder));
  }
  for (const section of document.querySelectorAll("section[data-roles]")) {
    const wanted = !role.value || section.dataset.roles.split(" ").includes(role.value);
    section.hidden = !wanted || (Boolean(layer) && section.dataset.layer !== undefined && section.dataset.layer !== layer);
  }
  document.getElementById("shown").textContent = shown === all ? `${all} findings` : `${shown} of ${all} findings`;
}

role.addEventListener("change", () => { fillPeople(); apply(); });
form.addEventListener("input", apply);
form.addEventListener("submit", (event) => event.preventDefault());
document.getElementById("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
});
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open])")];
  for (const item of opened) item.open = true;
});
addEventListener("afterprint", () => { for (const item of opened) item.open = false; });
fillPeople();
apply();
