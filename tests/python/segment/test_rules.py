from clarion.segment import rules


def test_every_rule_is_explained():
    codes = [rule.code for rule in rules()]
    assert codes == sorted(set(codes))
    assert all(code.startswith("G") for code in codes)
    assert all(rule.explanation and rule.remedy for rule in rules())
