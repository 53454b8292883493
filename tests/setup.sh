# Sourced by samples/run and tests/run: installs the Debian or Ubuntu packages that are named and missing.
# Usage: need PACKAGE...

need() {
	missing=
	for package in "$@"; do
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
	done
	[ -z "$missing" ] && return 0
	if ! command -v apt-get >/dev/null 2>&1; then
		echo "please install:$missing" >&2
		return 1
	fi
	as_root=
	if [ "$(id -u)" -ne 0 ]; then
		command -v sudo >/dev/null 2>&1 || { echo "please install as root:$missing" >&2; return 1; }
		as_root=sudo
	fi
	echo "installing:$missing" >&2
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >/dev/null &&
		$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

BUILD_PACKAGES="gcc libc6-dev meson ninja-build pkg-config libyaml-dev libexpat1-dev libpcre2-dev libmd-dev"
TEST_PACKAGES="libcmocka-dev python3 openssh-server openssh-client libpwquality-dev cracklib-runtime python3-jsonschema iptables nftables ipset iproute2 util-linux procps kmod udev usbguard net-tools passwd libpam-modules-bin systemd libpam0g-dev libcrypt-dev libpam-modules libpam-pwquality libpam-passwdqc openssl python3-apt python3-dnf cron"
TEST_PACKAGES="$TEST_PACKAGES dconf-cli dconf-gsettings-backend gsettings-desktop-schemas libglib2.0-bin libkf5config-bin tmux swayidle xscreensaver xvfb"
TEST_PACKAGES="$TEST_PACKAGES sudo"
FULL_PACKAGES="clang llvm libclang-rt-dev"
