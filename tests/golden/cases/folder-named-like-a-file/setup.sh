mkdir -p host/etc/ssh/sshd_config
echo 'ID=debian' > host/etc/os-release
