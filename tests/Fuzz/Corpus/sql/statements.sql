SELECT a, "b c", 'it''s', E'\n\x41', $tag$ body $tag$, 1.5e-3, $1::int, x -> 'y' FROM s.t /* a /* nested */ comment */ WHERE a <> ALL (ARRAY[1,2]) -- end
;
BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY; INSERT INTO t (a, b) VALUES ($1, DEFAULT), (2, U&'\0061') ON CONFLICT (a) DO UPDATE SET b = excluded.b RETURNING *; COMMIT;
SET rqlite.consistency = 'strong'; SHOW server_version; SET LOCAL x TO a, b; RESET ALL; DISCARD ALL; DEALLOCATE ALL
