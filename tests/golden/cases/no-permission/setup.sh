[ "$(id -u)" != 0 ] || exit 77
mkdir -p host/etc/ssh
echo 'PermitRootLogin no' > host/etc/ssh/sshd_config
chmod 000 host/etc/ssh/sshd_config
echo 'ID=debian' > host/etc/os-release
