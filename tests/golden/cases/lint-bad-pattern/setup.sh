cat > policy.yaml <<'POLICY'
kijun: 1
id: small
title: {en: A small policy, ja: 小さな基準}
rules:
  - id: root-login
    item: 6-1
    title: {en: Root cannot log in, ja: root はログインできない}
    severity: high
    check: {setting: sshd.permitrootlogin, matches: "^(no|never$"}
    why: {en: Because., ja: 理由。}
    fix: {en: Set it., ja: 設定する。}
POLICY
