mkdir -p host/etc
echo 'ID=debian' > host/etc/os-release
cat > gateways.yml <<'YML'
kijun: 1
id: gateways
title: {en: Gateways, ja: ゲートウェイ}
rules:
  - id: gateway-closed
    item: 5-6
    title: {en: Nothing comes in, ja: 何も通さない}
    severity: high
    for: {kind: firewall}
    must_apply: true
    check: {exposure: {from: internet, to: anywhere, at_most: []}}
  - id: has-os-release
    item: 4-3
    title: {en: The distribution is told, ja: ディストリビューションが分かる}
    severity: low
    check: {file: etc/os-release, exists: true}
YML
