# Sourced: builds the static binary with the cargo profile $1, and the empty program it is measured against.
# Leaves their paths in $scalegen and $empty.
target=$(rustc -vV | sed -n 's/^host: //p')
flags=(-C target-feature=+crt-static -C relocation-model=static)
RUSTFLAGS="${flags[*]}" cargo build --profile "$1" --quiet --locked --target "$target"
mkdir -p target/bench
rustc --edition 2024 -C opt-level=3 -C panic=abort -C strip=symbols "${flags[@]}" --target "$target" \
  -o target/bench/empty tests/bench/empty.rs
# as installed: copied, as an archive or cargo install leaves a file. What a linker has just written lies in small pieces in
# the page cache, and each of them is a page fault more (147 against 130, 0.4 ms)
cp "target/$target/$1/scalegen" target/bench/scalegen
mv target/bench/empty target/bench/empty.linked
cp target/bench/empty.linked target/bench/empty
scalegen=target/bench/scalegen
empty=target/bench/empty
