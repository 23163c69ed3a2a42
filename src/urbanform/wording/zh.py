"""中文用语表：代码 → 文字。"""

TEXT: dict[str, str] = {
    "no-subject": "提交成果中没有本条所约束的对象",
    "over-subjects-fail": "{total} 个对象中 {count} 个不符合：{names}。最突出者：{worst}",
    "over-subjects-undetermined": "{total} 个对象中 {count} 个无法判定：{names}。{worst}",
    "over-subjects-pending": "{total} 个对象中 {count} 个暂未达标：{names}。{worst}",
    "over-subjects-pass": "{total} 个对象中 {count} 个全部受约束者均符合。最接近限值者：{worst}",
    "subject-attribute-blank": "{subject} 的“{field}”为空，无法确定是否受本条约束；请补填",
    "subject-not-bound": "{subject} 的“{field}”为 {value}，不受本条约束",
    "no-limit": "方案未定限值，仅列出实测值",
    "not-measured": "未能量算",
    "at-the-limit": "实测值 {value} 与限值 {limit} 在量算容差内相等，按等于限值判定",
    "would-flip": "{note}：{value}，按此口径结论将不同",
    "between": "{low} 至 {high} 之间",
    "meets-limit": "实测 {value}，满足 {limit}",
    "misses-limit": "实测 {value}，不满足 {limit}",
    "not-due": "实测 {value}，尚未达到 {limit}，该指标 {due} 年到期",
    "pass-in-doubt": "实测 {value}，数值上满足 {limit}，但不能据此判定符合：{doubt}",
    "unknown-values": "部分要素或数值缺失、不可读",
    "limit-between-bounds": "实测值只能确定在 {value}，与限值 {limit} 的关系无法判定：{why}",
}
