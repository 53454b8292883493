mkdir -p host/etc
echo 'ID=debian' > host/etc/os-release
