//! The tour.
pub async fn run(_pdf: &std::path::Path) -> Result<(), String> {
    Err("not yet".into())
}
