//! Compiles proto/ without a protoc on the machine, and keeps the descriptors: the server reads each method's roles
//! from them and serves them by reflection, and the gRPC door writes its entries from them.

use prost_types::FileDescriptorSet;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = Path::new("../../proto");
    let mut protos: Vec<PathBuf> =
        std::fs::read_dir(root.join("startline/v1"))?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>()?;
    protos.sort();

    // `encode_file_descriptor_set` keeps the options that are extensions; prost's own types would drop them.
    let mut compiler = protox::Compiler::new([root])?;
    compiler.include_imports(true).include_source_info(true).open_files(&protos)?;
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let compiled = out.join("startline.bin");
    std::fs::write(&compiled, compiler.encode_file_descriptor_set())?;

    // With their names, messages can stand in the details of a status.
    let mut config = tonic_prost_build::Config::new();
    config.enable_type_names();
    // The gRPC door has a server of its own, which is compiled once for all messages.
    let descriptors = compiler.file_descriptor_set();
    std::fs::write(out.join("methods.rs"), methods(&descriptors))?;
    tonic_prost_build::configure().build_server(false).compile_fds_with_config(descriptors, config)?;
    println!("cargo::metadata=descriptors={}", compiled.display());
    println!("cargo::rerun-if-changed=../../proto");
    Ok(())
}

/// Of each request the method that takes it and what that answers with: no two methods share a request.
fn methods(descriptors: &FileDescriptorSet) -> String {
    let ours = descriptors.file.iter().filter(|file| file.package() == "startline.v1");
    let mut methods = String::new();
    for service in ours.flat_map(|file| &file.service) {
        for method in &service.method {
            let message = |name: &str| name.trim_start_matches(".startline.v1.").to_owned();
            let (request, answer) = (message(method.input_type()), message(method.output_type()));
            let path = format!("/startline.v1.{}/{}", service.name(), method.name());
            let kind = if method.server_streaming() { "Listened" } else { "Asked" };
            methods += &format!("method!({kind} {request} -> {answer}, {path:?});\n");
        }
    }
    methods
}
