"""A root folder in which the real libpam runs: its libraries and modules, and one tree's configuration at a time."""

import glob
import os
import shutil
import subprocess

import oracle_common as common

MODULES = ["pam_unix", "pam_deny", "pam_permit", "pam_pwquality", "pam_passwdqc", "pam_pwhistory", "pam_faillock", "pam_rootok",
           "pam_succeed_if", "pam_faildelay"]
PROGRAMS = ["/usr/sbin/unix_chkpwd"]


def module_folder():
    """Where Debian's libpam looks for modules; None when there is none."""
    found = glob.glob("/lib/*/security/pam_unix.so") + glob.glob("/lib/security/pam_unix.so")
    return os.path.dirname(found[0]) if found else None


def libraries(paths):
    """What the dynamic linker loads for these files."""
    out = subprocess.run(["ldd"] + paths, capture_output=True, text=True).stdout
    words = [w for line in out.splitlines() for w in line.split() if w.startswith("/") and not w.endswith(":")]
    return sorted({w for w in words if os.path.exists(w)})


class World:
    """One root folder; `use` puts a tree's files in place of the last one's."""

    def __init__(self, root, ask, probe):
        self.root, self.ask = root, os.path.abspath(ask)
        self.folder = module_folder()
        self.own = self.folder.lstrip("/")
        wanted = [os.path.join(self.folder, m + ".so") for m in MODULES]
        self.modules = [w for w in wanted if os.path.exists(w)]
        for path in self.modules + PROGRAMS + libraries(self.modules + PROGRAMS + [self.ask]):
            self.copy(path)
        os.makedirs(os.path.join(root, "lib/security"), exist_ok=True)
        shutil.copy(probe, os.path.join(root, "lib/security/pam_probe.so"))
        os.symlink("/lib/security/pam_probe.so", os.path.join(root, self.own, "pam_probe.so"))
        for folder in ("dev", "tmp", "var/run/faillock", "run", "var/log", "var/cache/cracklib"):
            os.makedirs(os.path.join(root, folder), exist_ok=True)
        for dictionary in glob.glob("/var/cache/cracklib/*"):
            shutil.copy(dictionary, os.path.join(root, "var/cache/cracklib"))

    def has(self, module):
        return any(os.path.basename(m) == module + ".so" for m in self.modules)

    def copy(self, path):
        target = os.path.join(self.root, path.lstrip("/"))
        if not os.path.exists(target):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copy(os.path.realpath(path), target)

    def use(self, tree):
        for folder in ("etc", "usr/lib/pam.d", "usr/etc", "var/run/faillock"):
            full = os.path.join(self.root, folder)
            shutil.rmtree(full, ignore_errors=True)
            if os.path.isdir(os.path.join(tree, folder)):
                shutil.copytree(os.path.join(tree, folder), full, symlinks=True)
        os.makedirs(os.path.join(self.root, "var/run/faillock"), exist_ok=True)
        os.makedirs(os.path.join(self.root, "etc/security"), exist_ok=True)

    def run(self, args, stdin=""):
        """The lines that pam_ask prints."""
        run = subprocess.run([self.ask, self.root] + args, input=stdin, capture_output=True, text=True, timeout=120)
        if run.returncode < 0 or run.returncode == 2:
            raise common.KijunError("pam_ask %s: status %d: %s" % (" ".join(args), run.returncode, run.stderr[-500:]))
        return run.stdout.splitlines()
