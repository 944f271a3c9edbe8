//! The two engines' schemas are one: the same tables, the same columns, the same steps to them.

use crate::support::{Engine, Home};

mod postgres {
    use super::*;

    #[tokio::test]
    async fn both_engines_have_the_same_tables_and_columns_from_the_same_migrations() {
        let (sqlite, server) = (Home::fresh(Engine::Sqlite).await, Home::fresh(Engine::Postgres).await);
        sqlite.open_store().await.close().await;
        server.open_store().await.close().await;
        let (mut sqlite, mut server) = (sqlite.look_inside().await, server.look_inside().await);

        // A primary key's columns are NOT NULL on both, whether it is said or not.
        let of_sqlite = "SELECT t.name || '.' || c.name || CASE WHEN c.\"notnull\" = 1 OR c.pk > 0 THEN ' needed' ELSE '' END \
                         FROM sqlite_master t JOIN pragma_table_info(t.name) c \
                         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name <> '_sqlx_migrations' ORDER BY 1";
        let of_server = "SELECT table_name || '.' || column_name || CASE is_nullable WHEN 'NO' THEN ' needed' ELSE '' END \
                         FROM information_schema.columns WHERE table_schema = 'public' \
                         AND table_name <> '_sqlx_migrations' ORDER BY 1";
        let (mut of_sqlite, mut of_server) = (sqlite.texts(of_sqlite).await, server.texts(of_server).await);
        of_sqlite.sort_unstable();
        of_server.sort_unstable();
        assert!(of_sqlite.len() > 100, "{of_sqlite:?}");
        assert_eq!(of_sqlite, of_server);

        let indexes = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name";
        let on_server = "SELECT indexname::text FROM pg_indexes WHERE schemaname = 'public' \
                         AND indexname NOT LIKE '%_pkey' ORDER BY indexname COLLATE \"C\"";
        assert_eq!(sqlite.texts(indexes).await, server.texts(on_server).await);

        let versions = "SELECT CAST(version AS TEXT) || ' ' || description FROM _sqlx_migrations ORDER BY version";
        let versions_of_sqlite = sqlite.texts(versions).await;
        assert!(!versions_of_sqlite.is_empty());
        assert_eq!(versions_of_sqlite, server.texts(versions).await);
    }
}
