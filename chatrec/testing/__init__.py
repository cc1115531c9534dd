"""For implementers: contract suites and doubles. Never imported at run time."""
