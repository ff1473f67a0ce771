"""x"""

REASONS: dict[str, str] = {}
OURS: dict[str, str] = {}
