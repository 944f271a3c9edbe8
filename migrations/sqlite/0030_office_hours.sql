-- Hours outside those of an office: why, and of a pattern who said so and when. Null or empty where nothing lies outside.
ALTER TABLE working_patterns ADD COLUMN outside_reason TEXT;
ALTER TABLE working_patterns ADD COLUMN outside_by BLOB REFERENCES users (id);
ALTER TABLE working_patterns ADD COLUMN outside_at TEXT;
ALTER TABLE rota_blocks ADD COLUMN outside_reason TEXT NOT NULL DEFAULT '';
-- Of a day's working time, what a named reason opens whatever the hours of the office. Null where there is none.
ALTER TABLE diary_days ADD COLUMN reasoned_cells BLOB;
