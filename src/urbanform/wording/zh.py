"""中文用语表：代码 → 文字。"""

TEXT: dict[str, str] = {}
