"""What a batch says in its own voice: code → (zh, en)."""

from urbanform.errors import UrbanformError
from urbanform.wording import Words, own_words

WORDS: dict[str, tuple[str, str]] = {
    "root-not-a-folder": (
        "{path} 不是文件夹。批量核查需要一个文件夹，其中每个子文件夹、zip 或 GeoPackage 是一份成果",
        "{path} is not a folder. A batch wants a folder in which every folder, zip or GeoPackage is a submission",
    ),
    "root-empty": (
        "{path} 中没有成果：应有子文件夹、.zip 或 .gpkg。压缩成 .rar、.7z 的请先解压",
        "{path} holds no submission: folders, .zip or .gpkg are wanted. Unpack .rar and .7z first",
    ),
    "out-inside-root": (
        "输出文件夹 {folder} 在成果文件夹之内，会与成果混在一起。请用 --out 换一个之外的文件夹",
        "The output folder {folder} lies inside the folder of submissions and would mix with them. Choose one outside "
        "it with --out",
    ),
    "out-over-root": (
        "成果“{item}”的结果会写进 {folder}，而成果文件夹就在其中。请用 --out 换一个文件夹",
        "The results of {item} would be written to {folder}, in which the submissions lie. Choose another folder with "
        "--out",
    ),
    "out-unwritable": (
        "无法写入输出文件夹 {folder}：{why}。已完成的成果不受影响；请清理磁盘或检查权限，再加 --resume 继续",
        "The output folder {folder} cannot be written to: {why}. What is finished is kept; make room or check the "
        "permissions, then go on with --resume",
    ),
    "already-running": (
        "输出文件夹 {folder} 正被另一次批量核查使用（进程 {pid}，{since} 开始）。请等它结束，或用 --out 换一个文件夹",
        "Another batch is writing to {folder} (process {pid}, since {since}). Wait until it ends, or choose another "
        "folder with --out",
    ),
    "cannot-lock": (
        "输出文件夹 {folder} 所在的磁盘不支持文件锁（{why}），不能防止两次核查互相覆盖。请用 --out 换到本机磁盘",
        "The disk of {folder} cannot lock files ({why}), so that two batches could overwrite one another. Choose a "
        "folder on a local disk with --out",
    ),
    "jobs-unknown": ("--jobs 应为 1 或更大的整数，而不是 {jobs}", "--jobs wants a whole number from 1 up, not {jobs}"),
    "variable-unreadable": (
        "环境变量 {name} 应为不小于 {least} 的整数，而不是 {found}",
        "The environment variable {name} wants a whole number from {least} up, not {found}",
    ),
    "item-is-link": (
        "{item} 是指向别处的链接，不予读取；请把实际文件放进文件夹",
        "{item} is a link to another place and is not followed; put the files themselves into the folder",
    ),
    "item-unreadable": (
        "{item} 无法读取：{why}。请检查文件是否完整、是否有读取权限、是否正被其他程序占用",
        "{item} cannot be read: {why}. Check that it is whole, that it may be read and that no program holds it open",
    ),
    "died-memory": (
        "核查内存超过 {limit} MB，已停止这一份。请拆小成果，或调大环境变量 URBANFORM_MEMORY_MB 后用 --resume 重做",
        "The check took more than {limit} MB of memory and was stopped. Split the submission, or raise the environment "
        "variable URBANFORM_MEMORY_MB and run again with --resume",
    ),
    "died-cpu": (
        "核查占用处理器超过 {limit} 秒，已停止这一份。请检查成果是否异常，"
        "或调大环境变量 URBANFORM_CPU_S 后用 --resume 重做",
        "The check took more than {limit} s of processor time and was stopped. See whether the submission is odd, or "
        "raise the environment variable URBANFORM_CPU_S and run again with --resume",
    ),
    "died-wall": (
        "核查超过 {limit} 秒未完成，已停止这一份。请检查成果是否异常，"
        "或调大环境变量 URBANFORM_WALL_S 后用 --resume 重做",
        "The check was not done after {limit} s and was stopped. See whether the submission is odd, or raise the "
        "environment variable URBANFORM_WALL_S and run again with --resume",
    ),
    "died-file-size": (
        "核查写出的文件超过 {limit} MB，已停止这一份。请检查成果是否异常，"
        "或调大环境变量 URBANFORM_FILE_MB 后用 --resume 重做",
        "The check wrote a file of more than {limit} MB and was stopped. See whether the submission is odd, or raise "
        "the environment variable URBANFORM_FILE_MB and run again with --resume",
    ),
    "died-signal": (
        "核查进程意外中止（信号 {signal}），这一份没有结论，其他成果不受影响。"
        "请用 --resume 重做；再次中止时把这份成果交给开发者",
        "The process of this check ended unexpectedly (signal {signal}); there is no result for it, the others are not "
        "affected. Run again with --resume; if it ends so again, send the submission to the developers",
    ),
    "died-silent": (
        "核查进程没有交出结果就结束了（状态 {status}），这一份没有结论。"
        "请用 --resume 重做；再次出现时把这份成果交给开发者",
        "The process of this check ended with status {status} and without a result. Run again with --resume; if it "
        "happens again, send the submission to the developers",
    ),
    "not-started": (
        "无法启动核查进程：{why}。请关闭其他程序后用 --resume 重做",
        "The process of the check could not be started: {why}. Close other programs and run again with --resume",
    ),
    "bug": (
        "程序错误（{kind}），这一份没有结论；请把这份成果交给开发者",
        "A bug ({kind}): there is no result for this submission; send it to the developers",
    ),
}


class BatchError(UrbanformError):
    """The batch as a whole cannot run, or cannot go on; what was finished is kept."""


def say(code: str, /, **values: object) -> Words:
    """The message of a code in :data:`WORDS` with its placeholders filled."""
    return own_words(WORDS, code, **values)
