cat > policy.yaml <<'POLICY'
kijun: 1
id: small
title: {en: A small policy, ja: 小さな基準}
rules:
  - id: root-login
    item: 6-1
    title: {en: Root cannot log in over SSH, ja: root は SSH でログインできない}
    severity: high
    check: {setting: sshd.permitrootlogin, equals: "no"}
    why: {en: A shared account leaves no trace of who acted., ja: 共有アカウントでは操作者が分からない。}
    fix: {en: Set PermitRootLogin no in sshd_config., ja: sshd_config で PermitRootLogin no とする。}
POLICY
for host in app01 app02 app03; do
	mkdir -p fleet/$host/etc/ssh
	echo 'ID=debian' > fleet/$host/etc/os-release
	echo "$host" > fleet/$host/etc/hostname
done
echo 'PermitRootLogin no' > fleet/app01/etc/ssh/sshd_config
mkdir fleet/app02/etc/ssh/sshd_config
echo 'PermitRootLogin yes' > fleet/app03/etc/ssh/sshd_config
