mkdir -p fleet/app01/etc
echo 'ID=debian' > fleet/app01/etc/os-release
printf 'roles:\n  web: [app01\n' > fleet/fleet.yml
