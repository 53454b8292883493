mkdir -p host/etc/ssh
head -c 200000000 /dev/zero | tr '\0' a > host/etc/ssh/sshd_config
echo 'ID=debian' > host/etc/os-release
