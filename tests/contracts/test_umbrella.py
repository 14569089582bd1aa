"""clarion/clarion.hpp brings in every contract."""

from house import ROOT, contract_headers, includes

UMBRELLA = ROOT / "include" / "clarion" / "clarion.hpp"
LEFT_OUT = {"clarion/core/xt.hpp"}  # asks its user for xtensor


def test_umbrella_is_complete():
    wanted = {header.relative_to(ROOT / "include").as_posix() for header in contract_headers()} - LEFT_OUT
    wanted.add("clarion/version.hpp")
    listed = {target for _, target in includes(UMBRELLA)}
    lines = [f'#include "{target}"' for target in sorted(wanted - listed)]
    assert not lines, "add to include/clarion/clarion.hpp:\n" + "\n".join(lines)
    assert not listed - wanted, f"remove from include/clarion/clarion.hpp: {sorted(listed - wanted)}"
