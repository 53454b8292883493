: > empty.yaml
