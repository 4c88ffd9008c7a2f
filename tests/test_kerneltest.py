"""``make kernel-test``: what it says of guests, and of machines, with which something is wrong.

Nothing is booted here, and nothing fetched: ``tests/guest/brokenguests.py`` does that.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).with_name("guest")))

import brokenguests
import building
import debian
import emulator
import guesttap
import initramfs
import kernels
import kerneltest
import processes
import steps
import verdict
from emulator import Files
from kernels import Kernel
from scenarios import SCENARIOS, Run, Scenario
from steps import ROOT, StepError
from verdict import Outcome, Point

GUEST = ROOT / "tests" / "guest"

# --- what a guest reports -------------------------------------------------------------------------

WHOLE = """\
# guest: up
# guest: begin one
TAP version 13
1..3
ok 1 - a
not ok 2 - b
  ---
  message: |
    ok 9 - no point
    # guest: finished
    ...
  ...
# guest: alive
ok 3 - c \\# SKIP # SKIP no such device
# out: ok 4 - no point either
# guest: exit 1 pytest
# guest: end 2.5 one
# guest: begin two
1..1
ok 1 - d
# guest: exit 0 two_test
# guest: end 0.1 two
# guest: finished
"""
TWO = Outcome("two", (Point("d", ok=True),), seconds=0.1, ended=True)


def read(report: str, console: str = "") -> verdict.Guest:
    return verdict.read(report.splitlines(), console.splitlines())


def test_a_whole_report_is_read() -> None:
    guest = read(WHOLE)
    assert guest.finished
    assert guest.problems == ()
    one, two = guest.outcomes
    assert one.points == (
        Point("a", ok=True),
        Point("b", ok=False, diagnosis=("ok 9 - no point", "# guest: finished", "...")),
        Point("c # SKIP", ok=True, skipped="no such device"),
    )
    assert one.output == ("ok 4 - no point either",)
    assert (one.seconds, one.ended, one.problems, one.fine) == (2.5, True, (), False)
    assert two == TWO
    assert two.fine


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("1..1\n", "1..2\n", "two_test planned 2 tests, and 1 were run"),
        ("1..1\n", "", "two_test has no plan: it has not begun its tests"),
        ("1..1\nok 1 - d\n", "1..0\n", "two_test has no tests"),
        ("1..1\nok 1 - d\n# guest: exit 0 two_test\n", "", "nothing was tested"),
        ("ok 1 - d\n", "ok 2 - d\n", "point 1 has the number 2"),
        ("exit 0 two", "exit 3 two", "two_test ended with status 3"),
        ("exit 0 two", "exit -11 two", "two_test was killed by signal 11"),
        ("# guest: exit 0 two", "# guest: problem hangs in d\n# guest: exit 0 two", "hangs in d"),
    ],
)
def test_a_run_that_is_not_whole_fails(old: str, new: str, said: str) -> None:
    assert WHOLE.count(old) == 1
    two = read(WHOLE.replace(old, new)).outcomes[1]
    assert said in two.problems
    assert not two.fine


def test_a_report_that_breaks_off_has_no_end() -> None:
    broken, _, _ = WHOLE.replace("1..1\n", "1..2\n").partition("# guest: exit 0")
    guest = read(broken)
    assert not guest.finished
    assert guest.outcomes[1].problems == ("broken off: 1 of 2 tests were run",)
    assert not guest.outcomes[1].ended


def test_a_test_that_is_left_out_is_told_with_its_reason() -> None:
    points = (Point("a", True), *(Point(name, True, "why") for name in "bc"), Point("d", True, ""))
    assert verdict.left_out(points) == {"why": 2, "no reason is given": 1}
    line = kerneltest.line_of("6.1", Outcome("one", points, deselected=3, seconds=7.4, ended=True), 5)
    assert line.splitlines() == [
        "ok      6.1   one    1 ok, 3 left out, 7 s",
        "        2 left out: why",
        "        1 left out: no reason is given",
        "        3 left out: the arguments of pytest do not choose them",
    ]


def test_what_was_covered_is_told() -> None:
    output = (
        "=== vfio: what was covered ===",
        "states       7 of 7",
        "pairs        35 of 81, without A -> B and 45 more",
        "errors       3 of 3",
        "=== slowest ===",
        "1 of 2",
    )
    assert verdict.covered(output) == [
        "states 7 of 7, errors 3 of 3",
        "pairs 35 of 81, without A -> B and 45 more",
    ]


# --- what the kernel says -------------------------------------------------------------------------

CONSOLE = """\
[    0.100000] VFIO - User Level meta-driver version: 0.3
[    1.000000] uapigen: run one
[    1.100000] uapigen: test a.py::test[BUG, or WARNING]
[    1.200000] mtty: loading out-of-tree module taints kernel.
[    1.300000] uapigen: end of run one
[    1.400000] uapigen: run two
[    1.500000] uapigen: test a.py::test_d
[    1.600000] uapigen: end of run two
[    1.700000] reboot: Restarting system
"""


def test_what_every_kernel_says_is_no_complaint() -> None:
    assert read(WHOLE, CONSOLE) == read(WHOLE)


@pytest.mark.parametrize(
    "line",
    [
        "------------[ cut here ]------------",
        "WARNING: CPU: 0 PID: 85 at mstate.c:27 mstate_read+0x25/0x103 [mstate]",
        "BUG: kernel NULL pointer dereference, address: 0000000000000010",
        "BUG: unable to handle page fault for address: ffffffffc0000000",
        "BUG: sleeping function called from invalid context at kernel/locking/mutex.c:580",
        "Oops: 0000 [#1] PREEMPT SMP NOPTI",
        "general protection fault, probably for non-canonical address 0xdead000000000100: 0000 [#1]",
        "Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000009",
        "watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [python3.11:83]",
        "INFO: task python3.11:83 blocked for more than 120 seconds.",
        "rcu: INFO: rcu_preempt self-detected stall on CPU",
        "refcount_t: underflow; use-after-free.",
        "list_del corruption. prev->next should be ffff888, but was dead000",
        "UBSAN: array-index-out-of-bounds in mstate.c:12:3",
        "python3.11[83]: segfault at 0 ip 00007f95b9cb4cbc sp 00007fffc2327318 error 4",
        "python3.11 invoked oom-killer: gfp_mask=0x140dca, order=0, oom_score_adj=0",
        "Bad page state in process python3.11  pfn:0a3f1",
    ],
)
def test_a_complaint_of_the_kernel_fails_the_run_and_names_the_test(line: str) -> None:
    mark = "[    1.500000] uapigen: test a.py::test_d\n"
    console = CONSOLE.replace(mark, f"{mark}[    1.550000] {line}\n[    1.560000]  more()\n")
    one, two = read(WHOLE, console).outcomes
    assert one.problems == ()
    assert two.problems == (f"the kernel complains in a.py::test_d:\n  {line}\n   more()",)


def test_a_complaint_outside_of_runs_is_one_of_the_guest() -> None:
    (problem,) = read(WHOLE, f"[    0.1] BUG: bad\n{CONSOLE}").problems
    assert problem.startswith("the kernel complains:\n  BUG: bad")


def test_where_a_test_hangs_is_shown() -> None:
    mark = "[    1.500000] uapigen: test a.py::test_d\n"
    told = "[   61.5] uapigen: hangs in a.py::test_d: no\n[   61.6] sysrq: Show Blocked State\n"
    two = read(WHOLE, CONSOLE.replace(mark, mark + told)).outcomes[1]
    assert "Show Blocked State" in two.problems[0]


def test_the_last_test_is_known() -> None:
    lines = CONSOLE.splitlines()
    assert verdict.last_test(lines) == "a.py::test_d"
    assert verdict.last_test(lines[:6]) == ""
    assert verdict.last_test(lines[:5]) == "a.py::test[BUG, or WARNING]"


# --- what the plugin writes -----------------------------------------------------------------------


PYTEST = ("-q", "-p", "no:cacheprovider", "--import-mode=importlib")


def test_what_the_plugin_writes_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []
    monkeypatch.setattr(guesttap, "begin", begun.append)
    tests = tmp_path / "test_it.py"
    tests.write_text("""\
import pytest

def test_passes(): pass
def test_fails(): assert 1 == 2, "what\\n...\\nis meant"
@pytest.mark.skip(reason="no such # device")
def test_left_out(): pass
@pytest.fixture
def late():
    yield
    raise OSError("too late")
def test_fails_at_its_end(late): pass
@pytest.mark.parametrize("name", ["a # SKIP b"])
def test_named(name): pass
def test_deselected(): pass
""")
    report = tmp_path / "report"
    with report.open("wb") as file:
        arguments = [*PYTEST, f"--rootdir={tmp_path}", "-k", "not deselected", str(tests)]
        assert pytest.main(arguments, plugins=[guesttap.Tap(file.fileno())]) == 1
    text = f"# guest: begin it\n{report.read_text()}# guest: exit 1 pytest\n# guest: end 1.0 it\n"
    (outcome,) = read(text).outcomes
    assert outcome.problems == ()
    assert outcome.deselected == 1
    assert [(p.name.partition("::")[2], p.ok, p.skipped) for p in outcome.points] == [
        ("test_passes", True, None),
        ("test_fails", False, None),
        ("test_left_out", True, "no such # device"),
        ("test_fails_at_its_end", False, None),
        ("test_named[a # SKIP b]", True, None),
    ]
    assert "is meant" in "\n".join(outcome.points[1].diagnosis)
    assert "too late" in "\n".join(outcome.points[3].diagnosis)
    assert begun == [point.name for point in outcome.points]


def test_what_cannot_be_collected_is_told(tmp_path: Path) -> None:
    tests = tmp_path / "test_not_it.py"
    tests.write_text("import nosuch\n")
    report = tmp_path / "report"
    with report.open("wb") as file:
        arguments = [*PYTEST, f"--rootdir={tmp_path}", str(tests)]
        assert pytest.main(arguments, plugins=[guesttap.Tap(file.fileno())]) == 2
    (outcome,) = read(f"# guest: begin it\n{report.read_text()}# guest: exit 2 pytest\n").outcomes
    assert any("No module named 'nosuch'" in problem for problem in outcome.problems)


# --- a guest that is none: a script in place of qemu ----------------------------------------------

FAKE = """\
#!/bin/sh
for argument; do
	case $argument in
	*id=line0,path=*) console=${argument##*path=} ;;
	*id=line1,path=*) report=${argument##*path=} ;;
	esac
done
"""
SCENARIO = Scenario("6.1", (Run("one", seconds=5), Run("two", seconds=5)))
KERNEL = Kernel("6.1", "6.1.0-1-amd64", "6.1-1", Path("vmlinux"), {}, Path("headers"))
FakeQemu = Callable[[str], None]


@pytest.fixture
def qemu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeQemu:
    """Makes a script be qemu."""

    def make(script: str) -> None:
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        program = folder / emulator.QEMU
        program.write_text(FAKE + script)
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    monkeypatch.setattr(kerneltest, "LOGS", tmp_path / "logs")
    monkeypatch.setattr(initramfs, "write", lambda *arguments: arguments[-1].touch())
    monkeypatch.setattr(processes, "_closed", False)
    return make


def outcomes() -> list[Outcome]:
    return list(kerneltest.outcomes(KERNEL, SCENARIO, {}))


def said(report: str) -> str:
    """The lines of a script that say this on the second serial line."""
    return f"cat >$report <<'END'\n{report}END\n"


def test_a_guest_that_is_whole_gives_its_outcomes(qemu: FakeQemu) -> None:
    qemu(said(WHOLE))
    one, two = outcomes()
    assert (one.run, one.fine) == ("one", False)
    assert two == TWO


def test_a_guest_that_ends_early_fails_its_run(qemu: FakeQemu, tmp_path: Path) -> None:
    first, second = WHOLE.split("# guest: begin two\n")
    broken = first[: first.index("not ok")]
    rest = f"# guest: up\n# guest: begin two\n{second}"
    mark = tmp_path / "booted"
    again = f"if [ -e {mark} ]; then\n{said(rest)}exit\nfi\ntouch {mark}\n"
    qemu(f"{again}{said(broken)}echo '{CONSOLE}' >$console\n")
    one, two = outcomes()
    assert one.problems == (
        "broken off: 1 of 3 tests were run",
        "the guest ended without saying that it has finished (the last test was a.py::test_d)",
    )
    assert two == TWO


def test_a_guest_that_ends_well_without_its_end_marker_fails(qemu: FakeQemu) -> None:
    qemu(said(WHOLE.replace("# guest: finished\n", "", 2).replace("    # guest", "    #")))
    _, two = outcomes()
    assert two.problems == ("the guest ended without saying that it has finished",)


def test_a_qemu_that_fails_is_told(qemu: FakeQemu) -> None:
    qemu(f"{said(WHOLE)}echo 'out of memory' >&2\nexit 3\n")
    assert outcomes()[1].problems == ("qemu ended with status 3: out of memory",)


def test_a_guest_that_does_not_come_up_has_no_verdict(qemu: FakeQemu) -> None:
    qemu("echo '[    0.1] Kernel panic - not syncing: no init' >$console\n")
    with pytest.raises(StepError, match=r"(?s)the kernel complains.*not syncing: no init.*console"):
        outcomes()


def test_a_silent_guest_is_given_up_with_all_that_it_has_started(
    qemu: FakeQemu, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emulator, "SILENCE", 0.3)
    qemu(f"{said(WHOLE)}sleep 99 &\necho $! $$ >{tmp_path}/pids\nsleep 99\n")
    assert outcomes()[1].problems == ("the guest was given up: it said nothing for 0.3 s: all of it hangs",)
    assert gone(tmp_path / "pids")


def test_a_guest_is_given_up_when_its_time_is_over(
    qemu: FakeQemu, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kerneltest, "BOOT", -9.5)
    qemu(f"{said(WHOLE)}while sleep 0.1; do echo '# guest: alive' >$report; done\n")
    assert outcomes()[1].problems == ("the guest was given up: its 0 s were over",)


def test_a_disk_that_is_full_is_told(qemu: FakeQemu, tmp_path: Path) -> None:
    qemu(f"echo $$ >{tmp_path}/pids\n{said(WHOLE)}sleep 99\n")
    with pytest.raises(OSError, match="No space left"):
        emulator.boot(
            Files(Path("k"), Path("i"), tmp_path / "console", Path("/dev/full")), 9, lambda line: None
        )
    assert gone(tmp_path / "pids")


def test_a_disk_that_is_full_for_one_kernel_is_told(
    qemu: FakeQemu, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    qemu(said(WHOLE))
    monkeypatch.setattr(initramfs, "write", full)
    monkeypatch.setattr(kernels, "kernel", lambda series: KERNEL)
    result = kerneltest.result(SCENARIO)
    assert not result.fine
    assert result.problem == f"no space is left on the disk; {steps.CACHE} takes 700 MB"


def test_a_machine_without_qemu_is_told(
    qemu: FakeQemu, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StepError, match=r"there is no qemu-system-x86_64 here; 'make deps' installs it"):
        outcomes()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_no_process_outlives_us(number: signal.Signals, qemu: FakeQemu, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    qemu(f"echo $$ >{pids}\nexec sleep 99\n")
    code = f"""
import sys; sys.path.insert(0, {str(GUEST)!r})
from pathlib import Path
import emulator, kerneltest, steps
steps.CACHE = kerneltest.CACHE = Path({str(tmp_path)!r})
files = emulator.Files(*(kerneltest.CACHE / name for name in ("kernel", "initrd", "console", "report")))
boot = lambda number: emulator.boot(files, 60, print)
sys.exit(kerneltest.carried_out("it", lambda: kerneltest.at_once(boot, [1])))
"""
    with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True) as us:
        until(lambda: pids.exists() and pids.read_text().endswith("\n"))
        started = time.monotonic()
        us.send_signal(number)
        _, errors = us.communicate(timeout=20)
    assert time.monotonic() < started + 10
    assert gone(pids)
    if number != signal.SIGKILL:
        assert us.returncode == 130
        assert errors == f"it: stopped{'' if number == signal.SIGINT else f' by {number.name}'}\n"


def gone(pids: Path) -> bool:
    """Whether no process is there any more whose number is in this file."""
    found = [Path(f"/proc/{pid}") for pid in pids.read_text().split()]
    assert found
    until(lambda: not any(running(path) for path in found))
    return True


def running(process: Path) -> bool:
    try:
        return ") Z " not in (process / "stat").read_text()
    except OSError:
        return False


def until(holds: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


# --- what is said at the end ----------------------------------------------------------------------


def test_the_verdict_of_all_guests_is_the_exit_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    one = Outcome("one", (Point("a", True),), seconds=1, ended=True)
    whole = kerneltest.Result(SCENARIO, (one, TWO))
    monkeypatch.setattr(kerneltest, "LOGS", tmp_path)
    bad = one._replace(points=(Point("a", False, diagnosis=("why",)),), problems=("the kernel complains",))
    assert kerneltest.report([whole]) == 0
    assert capsys.readouterr().out == "\nok      6.1   one  1 ok, 1 s\nok      6.1   two  1 ok, 0 s\n"
    for failed in (
        whole._replace(outcomes=(bad, TWO)),
        whole._replace(outcomes=(one,)),
        whole._replace(outcomes=(), problem="no qemu"),
    ):
        assert kerneltest.report([whole, failed]) == 1
        out = capsys.readouterr().out
        assert "FAILED" in out
        assert f"are in {tmp_path}." in out
    assert kerneltest.report([whole._replace(outcomes=(bad, TWO))]) == 1
    assert "6.1: one:\nthe kernel complains\nnot ok: a\n    why\n" in capsys.readouterr().out


def test_only_kernels_that_are_there_can_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert kerneltest.main(["5.10"]) == 2
    assert capsys.readouterr().err == "kernel-test: no kernel 5.10 here, but 6.1, 6.12\n"


def test_one_kernel_can_be_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[str] = []

    def results(scenarios: Sequence[Scenario]) -> list[kerneltest.Result]:
        asked.extend(scenario.series for scenario in scenarios)
        return []

    monkeypatch.setattr(kerneltest, "CACHE", tmp_path)
    monkeypatch.setattr(processes, "_closed", False)
    monkeypatch.setattr(kerneltest, "results", results)
    assert kerneltest.main(["6.12"]) == 0
    assert kerneltest.main([]) == 0
    assert asked == ["6.12", *(scenario.series for scenario in SCENARIOS)]


def test_no_two_scenarios_have_the_same_logs() -> None:
    assert len({scenario.label for scenario in SCENARIOS}) == len(SCENARIOS)


def test_every_file_of_a_scenario_is_there() -> None:
    for scenario in SCENARIOS:
        assert scenario.series in kernels.META
        names = {module.name for module in scenario.built}
        for run in scenario.runs:
            assert names.issuperset(run.modules)
            assert all((ROOT / path).is_file() for path in run.programs)
            assert all((ROOT / path).exists() for path in run.pytest if path.startswith(("out/", "tests/")))


# --- packages -------------------------------------------------------------------------------------

FULL = "write (28: No space left on device)"
APT = """\
#!/bin/sh
case "$*" in
*depends*nosuch*) echo 'E: No packages found' >&2; exit 100 ;;
*depends*) printf '%s\\n  Depends: linux-headers-9.9.1-amd64\\n' "$*" ;;
*print-uris*nosuch*) echo 'E: Unable to locate package nosuch' >&2; exit 100 ;;
*print-uris*) echo "'http://there/x_1.deb' x_1_all.deb 4 SHA256:0" ;;
*download*broken*) echo 'E: Failed to fetch http://there/x_1.deb 404 Not Found' >&2; exit 100 ;;
*download*) printf whole >x_1_all.deb ;;
esac
"""


@pytest.fixture
def apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes a script be apt-get and apt-cache."""

    def make(script: str) -> None:
        for name in ("apt-get", "apt-cache"):
            program = tmp_path / "bin" / name
            program.parent.mkdir(exist_ok=True)
            program.write_text(script)
            program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")

    for module in (steps, debian, building):
        monkeypatch.setattr(module, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(processes, "_closed", False)
    return make


def test_a_package_is_fetched_once(apt: Callable[[str], None]) -> None:
    apt(APT.replace(" 4 SHA", " 5 SHA"))
    found = debian.fetch(["x"])
    assert found["x"].read_text() == "whole"
    apt(APT.replace(" 4 SHA", " 5 SHA").replace("*download*)", "*download*) exit 1 ;;\n*never*)"))
    assert debian.fetch(["x"]) == found


@pytest.mark.parametrize(
    ("names", "script", "said"),
    [
        (["x"], APT, "apt did not fetch the package x"),
        (["nosuch"], APT, "package nosuch\napt does not find it; 'make deps' brings its lists up to date"),
        (["x"], APT.replace("*broken*", "*x*"), "404 Not Found"),
        (
            ["x"],
            APT.replace("*broken*", "*x*").replace("404 Not Found", FULL),
            "no space is left on the disk",
        ),
    ],
)
def test_a_package_that_cannot_be_had_is_told(
    names: list[str], script: str, said: str, apt: Callable[[str], None]
) -> None:
    apt(script)
    with pytest.raises(StepError) as told:
        debian.fetch(names)
    assert said in str(told.value)


def test_a_machine_without_apt_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "CACHE", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StepError, match=r"there is no apt-get here: the kernels .* are Debian's packages"):
        debian.fetch(["x"])


def test_another_release_of_debian_is_told(apt: Callable[[str], None]) -> None:
    apt(APT)
    with pytest.raises(StepError, match=r"on which linux-headers-amd64 depends.*made for Debian 12"):
        kernels.kernel("6.1")
    with pytest.raises(StepError, match="No packages found"):
        debian.depends("nosuch", ".*")


def test_what_was_made_is_made_again_for_another_key_only(apt: Callable[[str], None]) -> None:
    def full(to: Path) -> None:
        to.write_text("half")
        raise OSError(28, "No space left on device")

    first = steps.made("kind", "name", "key", lambda to: to.write_text("1") and None)
    assert steps.made("kind", "name", "key", full) == first
    with pytest.raises(OSError, match="No space left"):
        steps.made("kind", "name", "other", full)
    assert first.read_text() == "1"
    second = steps.made("kind", "name", "other", lambda to: to.write_text("2") and None)
    assert sorted(path.name for path in second.parent.iterdir()) == ["name@other"]


def test_a_source_that_is_not_installed_is_told(
    apt: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "SOURCES", Path("/nosuch"))
    mtty, *_ = SCENARIOS[1].built
    with pytest.raises(StepError, match=r"the package linux-source-6\.12 is not installed; 'make deps'"):
        building.try_modules(KERNEL, [mtty])


# --- modules --------------------------------------------------------------------------------------


def test_modules_are_loaded_after_what_they_need(tmp_path: Path) -> None:
    def module(name: str, needs: str) -> Path:
        path = tmp_path / f"{name}.ko"
        path.write_bytes(f"ELF\0license=GPL\0depends={needs}\0name={name}\0".encode())
        return path

    modules = {
        "vfio": module("vfio", ""),
        "mdev": module("mdev", "vfio"),
        "ours": module("ours", "mdev,vfio"),
    }
    assert kernels.load_order(modules, ["ours"]) == ["vfio", "mdev", "ours"]
    del modules["vfio"]
    with pytest.raises(StepError, match="there is no module vfio, which mdev needs"):
        kernels.load_order(modules, ["ours"])


def test_an_image_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(StepError, match="no bzImage"):
        kernels.payload(bytes(4096))
    with pytest.raises(StepError, match="not known here: 04 22"):
        kernels.decompress(b"\x04\x22\x4d\x18lz4...", tmp_path / "vmlinux")


# --- guests in which something is broken ----------------------------------------------------------


def test_a_broken_guest_of_which_something_else_is_said_is_not_noticed() -> None:
    (case,) = (case for case in brokenguests.CASES if case.name == "a panic")
    said = Outcome(
        case.name, problems=(f"the kernel complains in {case.test}:\n  Kernel panic - not syncing",)
    )
    told = said._replace(problems=(f"{said.problems[0]}: told to panic",))
    assert brokenguests.not_said(case, told) == []
    assert brokenguests.not_said(case, said) == ["Kernel panic - not syncing: told to panic"]
    assert brokenguests.not_said(case, TWO) == ["a failure"]
    (whole,) = (case for case in brokenguests.CASES if not case.said)
    assert brokenguests.not_said(whole, TWO) == []
    assert brokenguests.not_said(whole, told) == ["a good end"]


def test_the_tests_of_broken_guests_are_there(capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / brokenguests.FILE).read_text()
    names = [case.name for case in brokenguests.CASES]
    assert len(set(names)) == len(names)
    missing = [case.test for case in brokenguests.CASES if f"def {case.test.partition('[')[0]}(" not in text]
    assert missing == ["test_nosuch"]
    assert brokenguests.main(["a flood"]) == 2
    assert "no case 'a flood' here, but a test fails, a warning" in capsys.readouterr().err
