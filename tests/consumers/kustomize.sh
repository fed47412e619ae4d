#!/usr/bin/env bash
# Would `kubectl kustomize` (and so `kubectl apply -k`) take this folder?
#
#   kustomize.sh DIR
#
# Prints the manifests it builds, in YAML: `kustomize.sh DIR | k8s.py -` judges those too.
# No cluster is needed and nothing is fetched.
set -euo pipefail
# shellcheck source=tests/consumers/_common.sh
. "$(dirname "${BASH_SOURCE[0]}")/_common.sh"

(($# == 1)) || give_up "one DIR is wanted"
[[ -d $1 ]] || give_up "$1 is not a folder"
program=$(need kube/kubectl)
KUBECONFIG=/dev/null timeout 60 "$program" kustomize "$1" </dev/null || exit 1
