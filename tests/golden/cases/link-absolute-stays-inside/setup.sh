mkdir -p host/etc/ssh host/etc/site
echo 'PermitRootLogin no' > host/etc/site/sshd
ln -s /etc/site/sshd host/etc/ssh/sshd_config
echo 'ID=debian' > host/etc/os-release
