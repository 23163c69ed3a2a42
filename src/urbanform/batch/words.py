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
    "died-unwanted": (
        "发起批量核查的程序已经结束，或共享文件夹失去联系，这一份已停止。请用 --resume 重做",
        "The program that asked for this check has ended, or the shared folder is out of reach: the check was stopped. "
        "Run again with --resume",
    ),
    "results-not-seen": (
        "核查已经做完，但在 {folder} 中看不到全部结果文件，这一份没有结论。"
        "请检查各计算机上的共享文件夹是不是同一个，再用 --resume 重做",
        "The check was done, but not all of its files are seen in {folder}: there is no result for it. See that the "
        "shared folder is the same on all computers, then run again with --resume",
    ),
    "cluster-missing": (
        "--scheduler 需要 dask.distributed（{why}）。"
        "请先运行 pip install urbanform[cluster]，或去掉 --scheduler 在本机核查",
        "--scheduler wants dask.distributed ({why}). Run pip install urbanform[cluster] first, or leave --scheduler "
        "out to check on this computer",
    ),
    "cluster-address": (
        "--scheduler 应写成 tcp://主机:端口，例如 tcp://192.168.1.10:8786，而不是 {address}",
        "--scheduler wants tcp://HOST:PORT, such as tcp://192.168.1.10:8786, not {address}",
    ),
    "cluster-unreachable": (
        "{seconds} 秒内没有连上调度程序 {address}（{why}）。请检查 dask scheduler 是否已启动、地址和端口是否正确、"
        "防火墙是否放行该端口",
        "The scheduler {address} was not reached within {seconds} s ({why}). See that dask scheduler runs, that "
        "address and port are right, and that the firewall lets the port through",
    ),
    "cluster-empty": (
        "调度程序 {address} 下没有工作进程。请在各计算机上运行 dask worker {address}，再重试",
        "The scheduler {address} has no workers. Run dask worker {address} on the computers, then try again",
    ),
    "worker-differs": (
        "计算机 {host} 上的 {what} 是 {theirs}，本机是 {ours}：结果可能不一致，未在其上核查。"
        "请在各计算机上安装同一版本的 urbanform 及其依赖",
        "The computer {host} has {what} {theirs}, this one has {ours}: results could differ, and nothing was checked "
        "on it. Install the same version of urbanform and of what it needs on all computers",
    ),
    "worker-blind": (
        "计算机 {host} 看不到本次的工作文件夹 {folder}（{why}），未在其上核查。"
        "各计算机要能用同一路径读写同一个共享文件夹，如 \\\\服务器\\共享",
        "The computer {host} does not see the work folder {folder} ({why}), and nothing was checked on it. All "
        "computers must read and write one shared folder under the same path, such as \\\\server\\share",
    ),
    "worker-unusable": (
        "计算机 {host} 上不能运行 urbanform：{why}。请在其上安装同一版本的 urbanform",
        "The computer {host} cannot run urbanform: {why}. Install the same version of urbanform on it",
    ),
    "died-worker": (
        "核查这一份时，工作进程一再中止或失去联系（{why}），这一份没有结论，其他成果不受影响。"
        "请检查那台计算机，再用 --resume 重做",
        "The workers that checked this submission ended or were lost again and again ({why}); there is no result for "
        "it, the others are not affected. See to that computer, then run again with --resume",
    ),
    "workers-gone": (
        "{seconds} 秒以来没有工作进程，或与调度程序失去联系，这一份没有结论。请检查各计算机和网络，再用 --resume 重做",
        "For {seconds} s there was no worker, or the scheduler was out of reach: there is no result for this "
        "submission. See to the computers and the network, then run again with --resume",
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
