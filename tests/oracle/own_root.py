"""A chroot of the test's own: this machine's programs, a tree's files. Needs root and mount namespaces."""

import os
import shutil
import stat
import subprocess
import sys

import oracle_common as common

SHARED = ("usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "dev", "proc")


def own_namespace(needs):
    """Start again in a private mount namespace, once. `needs`: program → Debian package; skips without them."""
    if os.environ.get("KIJUN_ORACLE_NAMESPACE"):
        return
    if os.geteuid() != 0:
        common.skip("this oracle needs root for a mount namespace and chroot")
    for program, package in needs.items():
        if not shutil.which(program):
            common.skip("no '%s' here (package %s)" % (program, package))
    unshare = ["unshare", "--mount", "--propagation", "private", "--"]
    if subprocess.run(unshare + ["true"], capture_output=True).returncode != 0:
        common.skip("no mount namespace can be made here")
    os.environ["KIJUN_ORACLE_NAMESPACE"] = "1"
    os.execvp("unshare", unshare + [sys.executable] + sys.argv)


class Root:
    """A folder on a tmpfs that is a chroot; expects a mount namespace of its own."""

    def __init__(self, work):
        # rmtree of kept trees must never walk into these mounts, so the root lies beside them
        self.work = work + "-root"
        os.mkdir(self.work)
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", self.work], check=True)
        self.path = os.path.join(self.work, "root")
        os.mkdir(self.path)
        os.chmod(self.path, 0o755)
        for name in SHARED:
            self._share(name)

    def _share(self, name):
        source, target = "/" + name, os.path.join(self.path, name)
        try:
            mode = os.lstat(source).st_mode
        except FileNotFoundError:
            return
        if stat.S_ISLNK(mode):
            os.symlink(os.readlink(source), target)
            return
        os.mkdir(target)
        subprocess.run(["mount", "--rbind", source, target], check=True)

    def load(self, tree):
        """Everything in the tree, and nothing of the tree before."""
        for name in os.listdir(self.path):
            full = os.path.join(self.path, name)
            if name not in SHARED and not os.path.islink(full):
                shutil.rmtree(full)
        for name in ("tmp", "run", "root", "home"):
            os.makedirs(os.path.join(self.path, name), exist_ok=True)
        for name in os.listdir(tree):
            if name not in SHARED:
                shutil.copytree(os.path.join(tree, name), os.path.join(self.path, name), symlinks=True,
                                dirs_exist_ok=True)
        for name in ("ld.so.cache", "localtime"):
            if os.path.exists("/etc/" + name):
                shutil.copy("/etc/" + name, os.path.join(self.path, "etc", name))

    def run(self, args, env=None, stdin=None):
        """The finished process, output as bytes."""
        whole = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/root"}
        whole.update(env or {})
        return subprocess.run(["chroot", self.path] + args, capture_output=True, timeout=60, env=whole, input=stdin)

    def close(self):
        subprocess.run(["umount", "-R", "-l", self.work], check=True)
        os.rmdir(self.work)
