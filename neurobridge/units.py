"""Names of physical units in signatures: a plain number in the named unit."""

Milliseconds = float
Seconds = float
Hertz = float
Millivolts = float
Picojoules = float
