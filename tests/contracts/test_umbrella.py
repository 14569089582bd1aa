"""clarion/clarion.hpp brings in every contract that asks its user for no other library."""

from house import ROOT, contract_headers, includes, speaks_xtensor

UMBRELLA = ROOT / "include" / "clarion" / "clarion.hpp"


def test_umbrella_is_complete():
    wanted = {h.relative_to(ROOT / "include").as_posix() for h in contract_headers() if not speaks_xtensor(h)}
    wanted.add("clarion/version.hpp")
    listed = {target for _, target in includes(UMBRELLA)}
    lines = [f'#include "{target}"' for target in sorted(wanted - listed)]
    assert not lines, "add to include/clarion/clarion.hpp:\n" + "\n".join(lines)
    assert not listed - wanted, f"remove from include/clarion/clarion.hpp: {sorted(listed - wanted)}"
