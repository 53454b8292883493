"""A chroot in a mount namespace of its own, in which sshd and ssh read a tree's files as the host's."""

import os
import shutil
import stat
import subprocess
import sys

import oracle_common as common


def own_namespace(what, programs):
    """Start again in a private mount namespace, once: the chroot's mounts end with it."""
    if os.environ.get("KIJUN_ORACLE_NAMESPACE"):
        return
    if os.geteuid() != 0:
        common.skip("the %s oracle needs root for a mount namespace and chroot" % what)
    for program in programs:
        if not os.access(program, os.X_OK):
            common.skip("no %s here (packages openssh-server, openssh-client)" % program)
    unshare = ["unshare", "--mount", "--propagation", "private", "--"]
    if subprocess.run(unshare + ["true"], capture_output=True).returncode != 0:
        common.skip("no mount namespace can be made here")
    os.environ["KIJUN_ORACLE_NAMESPACE"] = "1"
    os.execvp("unshare", unshare + [sys.executable] + sys.argv)


class Chroot:
    """Under the folder `work`: this machine's programs, a tree's etc, home and root."""

    def __init__(self, work):
        self.root = os.path.join(work, "root")
        for name in ("etc", "run/sshd", "tmp", "proc", "home", "root"):
            os.makedirs(os.path.join(self.root, name))
        for name in ("usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "dev"):
            self._share(name)

    def _share(self, name):
        source, target = "/" + name, os.path.join(self.root, name)
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
        for name in ("etc", "home", "root"):
            target = os.path.join(self.root, name)
            shutil.rmtree(target)
            if os.path.isdir(os.path.join(tree, name)):
                shutil.copytree(os.path.join(tree, name), target, symlinks=True)
            else:
                os.mkdir(target)
        for name in ("ld.so.cache", "localtime"):
            if os.path.exists("/etc/" + name):
                shutil.copy("/etc/" + name, os.path.join(self.root, "etc", name))
        os.makedirs(os.path.join(self.root, "etc", "ssh"), exist_ok=True)

    def run(self, args, user=None):
        """(status, output, errors)"""
        who = ["--userspec=" + user] if user else []
        run = subprocess.run(["chroot"] + who + [self.root] + args, capture_output=True, timeout=30,
                             stdin=subprocess.DEVNULL, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"})
        return (run.returncode, run.stdout.decode("utf-8", "surrogateescape"),
                run.stderr.decode("utf-8", "replace").strip())
