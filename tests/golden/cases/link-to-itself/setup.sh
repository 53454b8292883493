mkdir -p host/etc/ssh
ln -s sshd_config host/etc/ssh/sshd_config
echo 'ID=debian' > host/etc/os-release
