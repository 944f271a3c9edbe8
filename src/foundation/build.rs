//! The migrations are read into the program: a new one has it built anew.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
