for host in app01 app02 app03; do
	mkdir -p fleet/$host/etc/ssh
	echo 'ID=debian' > fleet/$host/etc/os-release
	echo "$host" > fleet/$host/etc/hostname
done
echo 'PermitRootLogin no' > fleet/app01/etc/ssh/sshd_config
mkdir fleet/app02/etc/ssh/sshd_config
echo 'PermitRootLogin yes' > fleet/app03/etc/ssh/sshd_config
