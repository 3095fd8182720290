-- postgresql
create extension hstore
;

-- postgresql
create user alice
;

-- postgresql
SELECT n.nspname as "Schema",
  c.relname as "Name",
  CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'i' THEN 'index' WHEN 'S' THEN 'sequence' WHEN 't' THEN 'TOAST table' WHEN 'f' THEN 'foreign table' WHEN 'p' THEN 'partitioned table' WHEN 'I' THEN 'partitioned index' END as "Type",
  pg_catalog.pg_get_userbyid(c.relowner) as "Owner",
  CASE c.relpersistence WHEN 'p' THEN 'permanent' WHEN 't' THEN 'temporary' WHEN 'u' THEN 'unlogged' END as "Persistence",
  am.amname as "Access method",
  pg_catalog.pg_size_pretty(pg_catalog.pg_table_size(c.oid)) as "Size",
  pg_catalog.obj_description(c.oid, 'pg_class') as "Description"
FROM pg_catalog.pg_class c
     LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam
WHERE c.relkind IN ('r','p','v','m','S','f','')
      AND n.nspname <> 'pg_catalog'
      AND n.nspname !~ '^pg_toast'
      AND n.nspname <> 'information_schema'
  AND pg_catalog.pg_table_is_visible(c.oid)
ORDER BY 1,2
;

-- postgresql
SELECT c.relchecks, c.relkind, c.relhasindex, c.relhasrules, c.relhastriggers, c.relrowsecurity, c.relforcerowsecurity, false AS relhasoids, c.relispartition, '', c.reltablespace, CASE WHEN c.reloftype = 0 THEN '' ELSE c.reloftype::pg_catalog.regtype::pg_catalog.text END, c.relpersistence, c.relreplident, am.amname
FROM pg_catalog.pg_class c
 LEFT JOIN pg_catalog.pg_class tc ON (c.reltoastrelid = tc.oid)
LEFT JOIN pg_catalog.pg_am am ON (c.relam = am.oid)
WHERE c.oid = '16438'
;

-- postgresql
SELECT a.attname,
  pg_catalog.format_type(a.atttypid, a.atttypmod),
  (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid, true)
   FROM pg_catalog.pg_attrdef d
   WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.atthasdef),
  a.attnotnull,
  (SELECT c.collname FROM pg_catalog.pg_collation c, pg_catalog.pg_type t
   WHERE c.oid = a.attcollation AND t.oid = a.atttypid AND a.attcollation <> t.typcollation) AS attcollation,
  a.attidentity,
  a.attgenerated
FROM pg_catalog.pg_attribute a
WHERE a.attrelid = '16438' AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
;

-- postgresql
SELECT true as sametable, conname,
  pg_catalog.pg_get_constraintdef(r.oid, true) as condef,
  conrelid::pg_catalog.regclass AS ontable
FROM pg_catalog.pg_constraint r
WHERE r.conrelid = '16438' AND r.contype = 'f'
     AND conparentid = 0
ORDER BY conname
;

-- postgresql
SELECT conname, conrelid::pg_catalog.regclass AS ontable,
       pg_catalog.pg_get_constraintdef(oid, true) AS condef
  FROM pg_catalog.pg_constraint c
 WHERE confrelid IN (SELECT pg_catalog.pg_partition_ancestors('16438')
                     UNION ALL VALUES ('16438'::pg_catalog.regclass))
       AND contype = 'f' AND conparentid = 0
ORDER BY conname
;

-- postgresql
SELECT oid, stxrelid::pg_catalog.regclass, stxnamespace::pg_catalog.regnamespace::pg_catalog.text AS nsp, stxname,
pg_catalog.pg_get_statisticsobjdef_columns(oid) AS columns,
  'd' = any(stxkind) AS ndist_enabled,
  'f' = any(stxkind) AS deps_enabled,
  'm' = any(stxkind) AS mcv_enabled,
stxstattarget
FROM pg_catalog.pg_statistic_ext
WHERE stxrelid = '16438'
ORDER BY nsp, stxname
;

-- postgresql
SELECT pubname
     , NULL
     , NULL
FROM pg_catalog.pg_publication p
     JOIN pg_catalog.pg_publication_namespace pn ON p.oid = pn.pnpubid
     JOIN pg_catalog.pg_class pc ON pc.relnamespace = pn.pnnspid
WHERE pc.oid ='16438' and pg_catalog.pg_relation_is_publishable('16438')
UNION
SELECT pubname
     , pg_get_expr(pr.prqual, c.oid)
     , (CASE WHEN pr.prattrs IS NOT NULL THEN
         (SELECT string_agg(attname, ', ')
           FROM pg_catalog.generate_series(0, pg_catalog.array_upper(pr.prattrs::pg_catalog.int2[], 1)) s,
                pg_catalog.pg_attribute
          WHERE attrelid = pr.prrelid AND attnum = prattrs[s])
        ELSE NULL END) FROM pg_catalog.pg_publication p
     JOIN pg_catalog.pg_publication_rel pr ON p.oid = pr.prpubid
     JOIN pg_catalog.pg_class c ON c.oid = pr.prrelid
WHERE pr.prrelid = '16438'
UNION
SELECT pubname
     , NULL
     , NULL
FROM pg_catalog.pg_publication p
WHERE p.puballtables AND pg_catalog.pg_relation_is_publishable('16438')
ORDER BY 1
;

-- postgresql
SELECT c.oid::pg_catalog.regclass
FROM pg_catalog.pg_class c, pg_catalog.pg_inherits i
WHERE c.oid = i.inhparent AND i.inhrelid = '16438'
  AND c.relkind != 'p' AND c.relkind != 'I'
ORDER BY inhseqno
;

-- postgresql
SELECT c.oid::pg_catalog.regclass, c.relkind, inhdetachpending, pg_catalog.pg_get_expr(c.relpartbound, c.oid)
FROM pg_catalog.pg_class c, pg_catalog.pg_inherits i
WHERE c.oid = i.inhrelid AND i.inhparent = '16438'
ORDER BY pg_catalog.pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT', c.oid::pg_catalog.regclass::pg_catalog.text
;

-- postgresql
SELECT r.conname, pg_catalog.pg_get_constraintdef(r.oid, true)
FROM pg_catalog.pg_constraint r
WHERE r.conrelid = '16453' AND r.contype = 'c'
ORDER BY 1
;

-- postgresql
SELECT pg_catalog.pg_get_viewdef('16469'::pg_catalog.oid, true)
;

-- postgresql
SELECT r.rulename, trim(trailing ';' from pg_catalog.pg_get_ruledef(r.oid, true))
FROM pg_catalog.pg_rewrite r
WHERE r.ev_class = '16469' AND r.rulename != '_RETURN' ORDER BY 1
;

-- postgresql
SELECT i.indisunique, i.indisprimary, i.indisclustered, i.indisvalid,
  (NOT i.indimmediate) AND EXISTS (SELECT 1 FROM pg_catalog.pg_constraint WHERE conrelid = i.indrelid AND conindid = i.indexrelid AND contype IN ('p','u','x') AND condeferrable) AS condeferrable,
  (NOT i.indimmediate) AND EXISTS (SELECT 1 FROM pg_catalog.pg_constraint WHERE conrelid = i.indrelid AND conindid = i.indexrelid AND contype IN ('p','u','x') AND condeferred) AS condeferred,
i.indisreplident,
i.indnullsnotdistinct,
  a.amname, c2.relname, pg_catalog.pg_get_expr(i.indpred, i.indrelid, true)
FROM pg_catalog.pg_index i, pg_catalog.pg_class c, pg_catalog.pg_class c2, pg_catalog.pg_am a
WHERE i.indexrelid = c.oid AND c.oid = '16467' AND c.relam = a.oid
AND i.indrelid = c2.oid
;

-- postgresql
SELECT pg_catalog.format_type(seqtypid, NULL) AS "Type",
       seqstart AS "Start",
       seqmin AS "Minimum",
       seqmax AS "Maximum",
       seqincrement AS "Increment",
       CASE WHEN seqcycle THEN 'yes' ELSE 'no' END AS "Cycles?",
       seqcache AS "Cache"
FROM pg_catalog.pg_sequence
WHERE seqrelid = '16437'
;

-- postgresql
SELECT pg_catalog.pg_get_partkeydef('16481'::pg_catalog.oid)
;

-- postgresql
SELECT conrelid = '16481'::pg_catalog.regclass AS sametable,
       conname,
       pg_catalog.pg_get_constraintdef(oid, true) AS condef,
       conrelid::pg_catalog.regclass AS ontable
  FROM pg_catalog.pg_constraint,
       pg_catalog.pg_partition_ancestors('16481')
 WHERE conrelid = relid AND contype = 'f' AND conparentid = 0
ORDER BY sametable DESC, conname
;

-- postgresql
SELECT c.oid,
  n.nspname,
  c.relname
FROM pg_catalog.pg_class c
     LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relname OPERATOR(pg_catalog.~) '^(addr)$' COLLATE pg_catalog.default
  AND n.nspname OPERATOR(pg_catalog.~) '^(app)$' COLLATE pg_catalog.default
ORDER BY 2, 3
;

-- postgresql
SELECT d.datname as "Name",
       pg_catalog.pg_get_userbyid(d.datdba) as "Owner",
       pg_catalog.pg_encoding_to_char(d.encoding) as "Encoding",
       d.datcollate as "Collate",
       d.datctype as "Ctype",
       d.daticulocale as "ICU Locale",
       CASE d.datlocprovider WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' END AS "Locale Provider",
       pg_catalog.array_to_string(d.datacl, E'\n') AS "Access privileges"
FROM pg_catalog.pg_database d
ORDER BY 1
;

-- postgresql
SELECT n.nspname AS "Name",
  pg_catalog.pg_get_userbyid(n.nspowner) AS "Owner"
FROM pg_catalog.pg_namespace n
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY 1
;

-- postgresql
SELECT n.nspname as "Schema",
  p.proname as "Name",
  pg_catalog.pg_get_function_result(p.oid) as "Result data type",
  pg_catalog.pg_get_function_arguments(p.oid) as "Argument data types",
 CASE p.prokind
  WHEN 'a' THEN 'agg'
  WHEN 'w' THEN 'window'
  WHEN 'p' THEN 'proc'
  ELSE 'func'
 END as "Type"
FROM pg_catalog.pg_proc p
     LEFT JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE pg_catalog.pg_function_is_visible(p.oid)
      AND n.nspname <> 'pg_catalog'
      AND n.nspname <> 'information_schema'
ORDER BY 1, 2, 4
;

-- postgresql
SELECT n.nspname as "Schema",
  p.proname AS "Name",
  pg_catalog.format_type(p.prorettype, NULL) AS "Result data type",
  CASE WHEN p.pronargs = 0
    THEN CAST('*' AS pg_catalog.text)
    ELSE pg_catalog.pg_get_function_arguments(p.oid)
  END AS "Argument data types",
  pg_catalog.obj_description(p.oid, 'pg_proc') as "Description"
FROM pg_catalog.pg_proc p
     LEFT JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE p.prokind = 'a'
      AND n.nspname <> 'pg_catalog'
      AND n.nspname <> 'information_schema'
  AND pg_catalog.pg_function_is_visible(p.oid)
ORDER BY 1, 2, 4
;

-- postgresql
SELECT r.rolname, r.rolsuper, r.rolinherit,
  r.rolcreaterole, r.rolcreatedb, r.rolcanlogin,
  r.rolconnlimit, r.rolvaliduntil,
  ARRAY(SELECT b.rolname
        FROM pg_catalog.pg_auth_members m
        JOIN pg_catalog.pg_roles b ON (m.roleid = b.oid)
        WHERE m.member = r.oid) as memberof
, r.rolreplication
, r.rolbypassrls
FROM pg_catalog.pg_roles r
WHERE r.rolname !~ '^pg_'
ORDER BY 1
;

-- postgresql
SELECT e.extname AS "Name", e.extversion AS "Version", n.nspname AS "Schema", c.description AS "Description"
FROM pg_catalog.pg_extension e LEFT JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace LEFT JOIN pg_catalog.pg_description c ON c.objoid = e.oid AND c.classoid = 'pg_catalog.pg_extension'::pg_catalog.regclass
ORDER BY 1
;

-- postgresql
SELECT e.extname, e.oid
FROM pg_catalog.pg_extension e
ORDER BY 1
;

-- postgresql
SELECT n.nspname as "Schema",
  pg_catalog.format_type(t.oid, NULL) AS "Name",
  pg_catalog.obj_description(t.oid, 'pg_type') as "Description"
FROM pg_catalog.pg_type t
     LEFT JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE (t.typrelid = 0 OR (SELECT c.relkind = 'c' FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid))
  AND NOT EXISTS(SELECT 1 FROM pg_catalog.pg_type el WHERE el.oid = t.typelem AND el.typarray = t.oid)
      AND n.nspname <> 'pg_catalog'
      AND n.nspname <> 'information_schema'
  AND pg_catalog.pg_type_is_visible(t.oid)
ORDER BY 1, 2
;

-- postgresql
SELECT pg_catalog.pg_get_userbyid(d.defaclrole) AS "Owner",
  n.nspname AS "Schema",
  CASE d.defaclobjtype WHEN 'r' THEN 'table' WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'function' WHEN 'T' THEN 'type' WHEN 'n' THEN 'schema' END AS "Type",
  pg_catalog.array_to_string(d.defaclacl, E'\n') AS "Access privileges"
FROM pg_catalog.pg_default_acl d
     LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
ORDER BY 1, 2, 3
;

-- postgresql
SELECT n.nspname as "Schema",
       t.typname as "Name",
       pg_catalog.format_type(t.typbasetype, t.typtypmod) as "Type",
       (SELECT c.collname FROM pg_catalog.pg_collation c, pg_catalog.pg_type bt
        WHERE c.oid = t.typcollation AND bt.oid = t.typbasetype AND t.typcollation <> bt.typcollation) as "Collation",
       CASE WHEN t.typnotnull THEN 'not null' END as "Nullable",
       t.typdefault as "Default",
       pg_catalog.array_to_string(ARRAY(
         SELECT pg_catalog.pg_get_constraintdef(r.oid, true) FROM pg_catalog.pg_constraint r WHERE t.oid = r.contypid
       ), ' ') as "Check"
FROM pg_catalog.pg_type t
     LEFT JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'd'
      AND n.nspname <> 'pg_catalog'
      AND n.nspname <> 'information_schema'
  AND pg_catalog.pg_type_is_visible(t.oid)
ORDER BY 1, 2
;

-- postgresql
SELECT DISTINCT tt.nspname AS "Schema", tt.name AS "Name", tt.object AS "Object", d.description AS "Description"
FROM (
  SELECT pgc.oid as oid, pgc.tableoid AS tableoid,
  n.nspname as nspname,
  CAST(pgc.conname AS pg_catalog.text) as name,  CAST('table constraint' AS pg_catalog.text) as object
  FROM pg_catalog.pg_constraint pgc
    JOIN pg_catalog.pg_class c ON c.oid = pgc.conrelid
    LEFT JOIN pg_catalog.pg_namespace n     ON n.oid = c.relnamespace
WHERE n.nspname <> 'pg_catalog'
      AND n.nspname <> 'information_schema'
  AND pg_catalog.pg_table_is_visible(c.oid)
UNION ALL
  SELECT pgc.oid as oid, pgc.tableoid AS tableoid,
  n.nspname as nspname,
  CAST(pgc.conname AS pg_catalog.text) as name,  CAST('domain constraint' AS pg_catalog.text) as object
  FROM pg_catalog.pg_constraint pgc
    JOIN pg_catalog.pg_type t ON t.oid = pgc.contypid
    LEFT JOIN pg_catalog.pg_namespace n     ON n.oid = t.typnamespace
WHERE n.nspname <> 'pg_catalog'
      AND n.nspname <> 'information_schema'
  AND pg_catalog.pg_type_is_visible(t.oid)
UNION ALL
  SELECT o.oid as oid, o.tableoid as tableoid,
  n.nspname as nspname,
  CAST(o.opcname AS pg_catalog.text) as name,
  CAST('operator class' AS pg_catalog.text) as object
  FROM pg_catalog.pg_opclass o
    JOIN pg_catalog.pg_am am ON o.opcmethod = am.oid
    JOIN pg_catalog.pg_namespace n ON n.oid = o.opcnamespace
      AND n.nspname <> 'pg_catalog'
      AND n.nspname <> 'information_schema'
  AND pg_catalog.pg_opclass_is_visible(o.oid)
UNION ALL
  SELECT opf.oid as oid, opf.tableoid as tableoid,
  n.nspname as nspname,
  CAST(opf.opfname AS pg_catalog.text) AS name,
  CAST('operator family' AS pg_catalog.text) as object
  FROM pg_catalog.pg_opfamily opf
    JOIN pg_catalog.pg_am am ON opf.opfmethod = am.oid
    JOIN pg_catalog.pg_namespace n ON opf.opfnamespace = n.oid
      AND n.nspname <> 'pg_catalog'
      AND n.nspname <> 'information_schema'
  AND pg_catalog.pg_opfamily_is_visible(opf.oid)
UNION ALL
  SELECT r.oid as oid, r.tableoid as tableoid,
  n.nspname as nspname,
  CAST(r.rulename AS pg_catalog.text) as name,  CAST('rule' AS pg_catalog.text) as object
  FROM pg_catalog.pg_rewrite r
       JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
       LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE r.rulename != '_RETURN'
      AND n.nspname <> 'pg_catalog'
      AND n.nspname <> 'information_schema'
  AND pg_catalog.pg_table_is_visible(c.oid)
UNION ALL
  SELECT t.oid as oid, t.tableoid as tableoid,
  n.nspname as nspname,
  CAST(t.tgname AS pg_catalog.text) as name,  CAST('trigger' AS pg_catalog.text) as object
  FROM pg_catalog.pg_trigger t
       JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
       LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname <> 'pg_catalog'
      AND n.nspname <> 'information_schema'
  AND pg_catalog.pg_table_is_visible(c.oid)
) AS tt
  JOIN pg_catalog.pg_description d ON (tt.oid = d.objoid AND tt.tableoid = d.classoid AND d.objsubid = 0)
ORDER BY 1, 2, 3
;

-- postgresql
SELECT pg_catalog.format_type(castsource, NULL) AS "Source type",
       pg_catalog.format_type(casttarget, NULL) AS "Target type",
       CASE WHEN c.castmethod = 'b' THEN '(binary coercible)'
            WHEN c.castmethod = 'i' THEN '(with inout)'
            ELSE p.proname
       END AS "Function",
       CASE WHEN c.castcontext = 'e' THEN 'no'
            WHEN c.castcontext = 'a' THEN 'in assignment'
            ELSE 'yes'
       END AS "Implicit?"
FROM pg_catalog.pg_cast c LEFT JOIN pg_catalog.pg_proc p
     ON c.castfunc = p.oid
     LEFT JOIN pg_catalog.pg_type ts
     ON c.castsource = ts.oid
     LEFT JOIN pg_catalog.pg_namespace ns
     ON ns.oid = ts.typnamespace
     LEFT JOIN pg_catalog.pg_type tt
     ON c.casttarget = tt.oid
     LEFT JOIN pg_catalog.pg_namespace nt
     ON nt.oid = tt.typnamespace
WHERE ( (true  AND pg_catalog.pg_type_is_visible(ts.oid)
) OR (true  AND pg_catalog.pg_type_is_visible(tt.oid)
) )
ORDER BY 1, 2
;

-- postgresql
SELECT oid as "ID",
  pg_catalog.pg_get_userbyid(lomowner) as "Owner",
  pg_catalog.obj_description(oid, 'pg_largeobject') as "Description"
FROM pg_catalog.pg_largeobject_metadata
ORDER BY oid
;

-- postgresql
SELECT l.lanname AS "Name",
       pg_catalog.pg_get_userbyid(l.lanowner) as "Owner",
       l.lanpltrusted AS "Trusted",
       d.description AS "Description"
FROM pg_catalog.pg_language l
LEFT JOIN pg_catalog.pg_description d
  ON d.classoid = l.tableoid AND d.objoid = l.oid
  AND d.objsubid = 0
WHERE l.lanplcallfoid != 0
ORDER BY 1
;

-- postgresql
SELECT n.nspname as "Schema",
  o.oprname AS "Name",
  CASE WHEN o.oprkind='l' THEN NULL ELSE pg_catalog.format_type(o.oprleft, NULL) END AS "Left arg type",
  CASE WHEN o.oprkind='r' THEN NULL ELSE pg_catalog.format_type(o.oprright, NULL) END AS "Right arg type",
  pg_catalog.format_type(o.oprresult, NULL) AS "Result type",
  coalesce(pg_catalog.obj_description(o.oid, 'pg_operator'),
           pg_catalog.obj_description(o.oprcode, 'pg_proc')) AS "Description"
FROM pg_catalog.pg_operator o
     LEFT JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
WHERE o.oprname OPERATOR(pg_catalog.~) '^(=)$' COLLATE pg_catalog.default
  AND pg_catalog.pg_operator_is_visible(o.oid)
ORDER BY 1, 2, 3, 4
;

-- postgresql
SELECT evtname as "Name", evtevent as "Event", pg_catalog.pg_get_userbyid(e.evtowner) as "Owner",
 case evtenabled when 'O' then 'enabled'  when 'R' then 'replica'  when 'A' then 'always'  when 'D' then 'disabled' end as "Enabled",
 e.evtfoid::pg_catalog.regproc as "Function", pg_catalog.array_to_string(array(select x from pg_catalog.unnest(evttags) as t(x)), ', ') as "Tags"
FROM pg_catalog.pg_event_trigger e ORDER BY 1
;

-- postgresql
SELECT spcname AS "Name",
  pg_catalog.pg_get_userbyid(spcowner) AS "Owner",
  pg_catalog.pg_tablespace_location(oid) AS "Location",
  pg_catalog.array_to_string(spcacl, E'\n') AS "Access privileges",
  spcoptions AS "Options",
  pg_catalog.pg_size_pretty(pg_catalog.pg_tablespace_size(oid)) AS "Size",
  pg_catalog.shobj_description(oid, 'pg_tablespace') AS "Description"
FROM pg_catalog.pg_tablespace
ORDER BY 1
;

-- postgresql
SELECT
   n.nspname as "Schema",
   c.cfgname as "Name",
   pg_catalog.obj_description(c.oid, 'pg_ts_config') as "Description"
FROM pg_catalog.pg_ts_config c
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.cfgnamespace
WHERE pg_catalog.pg_ts_config_is_visible(c.oid)
ORDER BY 1, 2
;

-- postgresql
SELECT
  n.nspname as "Schema",
  p.prsname as "Name",
  pg_catalog.obj_description(p.oid, 'pg_ts_parser') as "Description"
FROM pg_catalog.pg_ts_parser p
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = p.prsnamespace
WHERE pg_catalog.pg_ts_parser_is_visible(p.oid)
ORDER BY 1, 2
;

-- postgresql
SELECT
  n.nspname AS "Schema",
  t.tmplname AS "Name",
  pg_catalog.obj_description(t.oid, 'pg_ts_template') AS "Description"
FROM pg_catalog.pg_ts_template t
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = t.tmplnamespace
WHERE pg_catalog.pg_ts_template_is_visible(t.oid)
ORDER BY 1, 2
;

-- postgresql
SELECT n.nspname as "Schema",
  c.relname as "Name",
  pg_catalog.pg_get_userbyid(c.relowner) as "Owner"
FROM pg_catalog.pg_class c
     LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('p','')
 AND NOT c.relispartition
      AND n.nspname <> 'pg_catalog'
      AND n.nspname !~ '^pg_toast'
      AND n.nspname <> 'information_schema'
  AND pg_catalog.pg_table_is_visible(c.oid)
ORDER BY "Schema", "Name"
;

-- postgresql
SELECT oid, pubname,
  pg_catalog.pg_get_userbyid(pubowner) AS owner,
  puballtables, pubinsert, pubupdate, pubdelete, pubtruncate, pubviaroot
FROM pg_catalog.pg_publication
WHERE pubname OPERATOR(pg_catalog.~) '^(pub)$' COLLATE pg_catalog.default
ORDER BY 2
;

-- postgresql
SELECT n.nspname, c.relname, pg_get_expr(pr.prqual, c.oid), (CASE WHEN pr.prattrs IS NOT NULL THEN
     pg_catalog.array_to_string(      ARRAY(SELECT attname
              FROM
                pg_catalog.generate_series(0, pg_catalog.array_upper(pr.prattrs::pg_catalog.int2[], 1)) s,
                pg_catalog.pg_attribute
        WHERE attrelid = c.oid AND attnum = prattrs[s]), ', ')
       ELSE NULL END)
FROM pg_catalog.pg_class c,
     pg_catalog.pg_namespace n,
     pg_catalog.pg_publication_rel pr
WHERE c.relnamespace = n.oid
  AND c.oid = pr.prrelid
  AND pr.prpubid = '16487'
ORDER BY 1,2
;

-- postgresql
SELECT subname AS "Name"
,  pg_catalog.pg_get_userbyid(subowner) AS "Owner"
,  subenabled AS "Enabled"
,  subpublications AS "Publication"
FROM pg_catalog.pg_subscription
WHERE subdbid = (SELECT oid
                 FROM pg_catalog.pg_database
                 WHERE datname = pg_catalog.current_database())ORDER BY 1
;

-- postgresql
SELECT amname AS "Name",
  CASE amtype WHEN 'i' THEN 'Index' WHEN 't' THEN 'Table' END AS "Type"
FROM pg_catalog.pg_am
ORDER BY 1
;

-- postgresql
SELECT
  am.amname AS "AM",
  CASE
    WHEN pg_catalog.pg_opfamily_is_visible(f.oid)
    THEN pg_catalog.format('%I', f.opfname)
    ELSE pg_catalog.format('%I.%I', n.nspname, f.opfname)
  END AS "Operator family",
  (SELECT
     pg_catalog.string_agg(pg_catalog.format_type(oc.opcintype, NULL), ', ')
   FROM pg_catalog.pg_opclass oc
   WHERE oc.opcfamily = f.oid) "Applicable types"
FROM pg_catalog.pg_opfamily f
  LEFT JOIN pg_catalog.pg_am am on am.oid = f.opfmethod
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = f.opfnamespace
ORDER BY 1, 2
;

-- postgresql
SELECT s.srvname AS "Name",
  pg_catalog.pg_get_userbyid(s.srvowner) AS "Owner",
  f.fdwname AS "Foreign-data wrapper"
FROM pg_catalog.pg_foreign_server s
     JOIN pg_catalog.pg_foreign_data_wrapper f ON f.oid=s.srvfdw
ORDER BY 1
;

-- postgresql
SELECT n.nspname AS "Schema",
  c.relname AS "Table",
  s.srvname AS "Server"
FROM pg_catalog.pg_foreign_table ft
  INNER JOIN pg_catalog.pg_class c ON c.oid = ft.ftrelid
  INNER JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  INNER JOIN pg_catalog.pg_foreign_server s ON s.oid = ft.ftserver
WHERE pg_catalog.pg_table_is_visible(c.oid)
ORDER BY 1, 2
;

-- postgresql
SELECT um.srvname AS "Server",
  um.usename AS "User name"
FROM pg_catalog.pg_user_mappings um
ORDER BY 1, 2
;

-- postgresql
SELECT s.name AS "Parameter", pg_catalog.current_setting(s.name) AS "Value"
FROM pg_catalog.pg_settings s
WHERE pg_catalog.lower(s.name) OPERATOR(pg_catalog.~) '^(work_mem)$' COLLATE pg_catalog.default
ORDER BY 1
;

-- postgresql
SELECT 
es.stxnamespace::pg_catalog.regnamespace::pg_catalog.text AS "Schema", 
es.stxname AS "Name", 
pg_catalog.format('%s FROM %s', 
  pg_catalog.pg_get_statisticsobjdef_columns(es.oid), 
  es.stxrelid::pg_catalog.regclass) AS "Definition",
CASE WHEN 'd' = any(es.stxkind) THEN 'defined' 
END AS "Ndistinct", 
CASE WHEN 'f' = any(es.stxkind) THEN 'defined' 
END AS "Dependencies",
CASE WHEN 'm' = any(es.stxkind) THEN 'defined' 
END AS "MCV"  
FROM pg_catalog.pg_statistic_ext es 
WHERE pg_catalog.pg_statistics_obj_is_visible(es.oid)
ORDER BY 1, 2
;

-- postgresql
SELECT 'add'::pg_catalog.regproc::pg_catalog.oid
;

-- postgresql
SELECT 'active_users'::pg_catalog.regclass::pg_catalog.oid
;

-- postgresql
SELECT nspname, relname, relkind, pg_catalog.pg_get_viewdef(c.oid, true), pg_catalog.array_remove(pg_catalog.array_remove(c.reloptions,'check_option=local'),'check_option=cascaded') AS reloptions, CASE WHEN 'check_option=local' = ANY (c.reloptions) THEN 'LOCAL'::text WHEN 'check_option=cascaded' = ANY (c.reloptions) THEN 'CASCADED'::text ELSE NULL END AS checkoption FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON c.relnamespace = n.oid WHERE c.oid = 16469
;

-- postgresql
COPY  users FROM STDIN csv header
;

-- postgresql
BEGIN
;

-- postgresql
ROLLBACK
;

-- postgresql
SELECT t.oid, typarray, attname, atttypid
FROM pg_type t
JOIN pg_namespace ns ON typnamespace = ns.oid
JOIN pg_attribute a ON attrelid = typrelid
WHERE typname = 'addr' AND nspname = 'app'
    AND attnum > 0 AND NOT attisdropped
ORDER BY attnum
;

-- postgresql
select * from users where created < '2026-11-22T13:37:33.440086+00:00'::timestamptz and uid <> 'dcb0e93c-a00b-4e1e-a781-426254886966'::uuid and active is true and id in (1, 2, 3) and name like 'a%'
;

-- postgresql
select * from users where id = any(ARRAY[1,2,3])
;

-- postgresql
update users set name='a' where id=1
;

-- postgresql
DECLARE "named" CURSOR WITHOUT HOLD FOR select generate_series(1,3)
;

-- postgresql
CLOSE "named"
;

-- postgresql
copy users(name) from stdin with (format csv)
;

-- postgresql
SELECT * FROM add(1,2)
;

-- postgresql
COMMIT
;

-- postgresql
select 1
;

-- postgresql
listen ch
;

-- postgresql
SET client_encoding TO 'LATIN1'
;

-- postgresql
SELECT name, oid, array_oid, array_agg(label) AS labels
FROM (
    SELECT
        t.typname AS name, t.oid AS oid, t.typarray AS array_oid,
        e.enumlabel AS label
    FROM pg_type t
    LEFT JOIN  pg_enum e
    ON e.enumtypid = t.oid
    WHERE t.oid = $1::regtype
    ORDER BY e.enumsortorder
) x
GROUP BY name, oid, array_oid
;

-- postgresql
SELECT t.typname AS name, t.oid AS oid, t.typarray AS array_oid,
    t.oid::regtype::text AS regtype,
    r.rngsubtype AS subtype_oid
FROM pg_type t
JOIN pg_range r ON t.oid = r.rngtypid
WHERE t.oid = $1::regtype
;

-- postgresql
update users set name=$1 where id=$2
;

-- postgresql
select * from users where created < $1 and uid <> $2 and id = any($3) and name like $4
;

-- postgresql
SAVEPOINT "_pg3_2"
;

-- postgresql
select $1::int + 1
;

-- postgresql
RELEASE "_pg3_1"
;

-- postgresql
copy users(name) from stdin
;

-- postgresql
DECLARE "srv" CURSOR FOR select 1
;

-- postgresql
FETCH FORWARD ALL FROM "srv"
;

-- postgresql
DECLARE "srv2" SCROLL CURSOR WITH HOLD FOR select 1
;

-- postgresql
FETCH FORWARD 1 FROM "srv2"
;

-- postgresql
CLOSE "srv2"
;

-- postgresql
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY
;

-- postgresql
DEALLOCATE ALL
;

-- postgresql
select pg_catalog.version()
;

-- postgresql
show transaction isolation level
;

-- postgresql
show standard_conforming_strings
;

-- postgresql
SELECT EXISTS (
                SELECT * FROM pg_catalog.pg_type t
                WHERE t.typname = 'kind'
                AND pg_type_is_visible(t.oid)
                )
;

-- postgresql
CREATE TYPE kind AS ENUM ('a', 'b')
;

-- postgresql
CREATE INDEX ix_users_name ON users (name)
;

-- postgresql
CREATE TABLE orders (
	id BIGSERIAL NOT NULL, 
	uid INTEGER, 
	total NUMERIC(10, 2), 
	PRIMARY KEY (id), 
	CONSTRAINT ck_total CHECK (total>=0), 
	CONSTRAINT uq UNIQUE (uid, total), 
	FOREIGN KEY(uid) REFERENCES users (id) ON DELETE CASCADE
)
;

-- postgresql
INSERT INTO users (name, act, tags, js, uid, bin, d, f, k, iv) VALUES ('a', true, ARRAY['x']::TEXT[], '{"a": [1]}', NULL, '\x0001'::bytea, '2026-11-22'::date, 1.5, 'a', '1 days 0.000000 seconds'::interval) RETURNING users.id
;

-- postgresql
INSERT INTO users (name, act, tags, uid, bin, d, f, k, iv) VALUES ('b', true, NULL::TEXT[], NULL, NULL, NULL, NULL, NULL, NULL),('c', true, NULL::TEXT[], NULL, NULL, NULL, NULL, NULL, NULL) RETURNING users.id
;

-- postgresql
UPDATE users SET name='z' WHERE users.id = 1
;

-- postgresql
SELECT orders.id AS orders_id, orders.uid AS orders_uid, orders.total AS orders_total 
FROM orders 
WHERE 1 = orders.uid
;

-- postgresql
SELECT anon_1.users_id AS anon_1_users_id, anon_1.users_name AS anon_1_users_name, anon_1.users_bal AS anon_1_users_bal, anon_1.users_act AS anon_1_users_act, anon_1.users_ts AS anon_1_users_ts, anon_1.users_tags AS anon_1_users_tags, anon_1.users_js AS anon_1_users_js, anon_1.users_uid AS anon_1_users_uid, anon_1.users_bin AS anon_1_users_bin, anon_1.users_d AS anon_1_users_d, anon_1.users_f AS anon_1_users_f, anon_1.users_k AS anon_1_users_k, anon_1.users_iv AS anon_1_users_iv, orders_1.id AS orders_1_id, orders_1.uid AS orders_1_uid, orders_1.total AS orders_1_total 
FROM (SELECT users.id AS users_id, users.name AS users_name, users.bal AS users_bal, users.act AS users_act, users.ts AS users_ts, users.tags AS users_tags, users.js AS users_js, users.uid AS users_uid, users.bin AS users_bin, users.d AS users_d, users.f AS users_f, users.k AS users_k, users.iv AS users_iv 
FROM users 
 LIMIT 5 OFFSET 1) AS anon_1 LEFT OUTER JOIN orders AS orders_1 ON anon_1.users_id = orders_1.uid
;

-- postgresql
SELECT users.id AS users_id, users.name AS users_name, users.bal AS users_bal, users.act AS users_act, users.ts AS users_ts, users.tags AS users_tags, users.js AS users_js, users.uid AS users_uid, users.bin AS users_bin, users.d AS users_d, users.f AS users_f, users.k AS users_k, users.iv AS users_iv 
FROM users
;

-- postgresql
SELECT count(users.id) AS count_1, date_trunc('day', users.ts) AS date_trunc_1, EXTRACT(year FROM users.ts) AS anon_1 
FROM users GROUP BY date_trunc('day', users.ts), EXTRACT(year FROM users.ts) 
HAVING count(users.id) > 1
;

-- postgresql
SELECT DISTINCT ON (users.name) users.id AS users_id, users.name AS users_name, users.bal AS users_bal, users.act AS users_act, users.ts AS users_ts, users.tags AS users_tags, users.js AS users_js, users.uid AS users_uid, users.bin AS users_bin, users.d AS users_d, users.f AS users_f, users.k AS users_k, users.iv AS users_iv 
FROM users ORDER BY users.name, users.id DESC NULLS LAST
;

-- postgresql
INSERT INTO users (id, name, act) VALUES (1, 'q', true) ON CONFLICT DO NOTHING
;

-- postgresql
SELECT users.name, row_number() OVER (PARTITION BY users.name ORDER BY users.id) AS anon_1, sum(users.bal) FILTER (WHERE users.act) AS anon_2, string_agg(users.name, ', ') AS string_agg_1, array_agg(users.name ORDER BY users.id DESC) AS array_agg_1 
FROM users GROUP BY users.name, users.id
;

-- postgresql
SELECT users.name, x.total 
FROM users LEFT OUTER JOIN LATERAL (SELECT orders.total AS total 
FROM orders 
WHERE orders.uid = users.id ORDER BY orders.id 
 LIMIT 1) AS x ON true
;

-- postgresql
SELECT CASE WHEN users.act THEN 1 ELSE 0 END AS anon_1, CAST(users.id AS TEXT) AS id, coalesce(users.name, '') AS coalesce_1, users.bal / 2 AS anon_2, users.name || 'x' AS anon_3 
FROM users 
WHERE EXISTS (SELECT * 
FROM orders 
WHERE orders.uid = users.id)
;

-- postgresql
SELECT unnest(users.tags) AS unnest_1 
FROM users
;

-- postgresql
SELECT g 
FROM generate_series(1, 3) AS g
;

-- postgresql
drop table if exists pgbench_accounts, pgbench_branches, pgbench_history, pgbench_tellers
;

-- postgresql
create table pgbench_history(tid int,bid int,aid    int,delta int,mtime timestamp,filler char(22))
;

-- postgresql
create table pgbench_accounts(aid    int not null,bid int,abalance int,filler char(84)) with (fillfactor=100)
;

-- postgresql
create table pgbench_branches(bid int not null,bbalance int,filler char(88)) with (fillfactor=100)
;

-- postgresql
truncate table pgbench_accounts, pgbench_branches, pgbench_history, pgbench_tellers
;

-- postgresql
insert into pgbench_branches(bid,bbalance) values(1,0)
;

-- postgresql
copy pgbench_accounts from stdin with (freeze on)
;

-- postgresql
commit
;

-- postgresql
vacuum analyze pgbench_tellers
;

-- postgresql
vacuum analyze pgbench_accounts
;

-- postgresql
alter table pgbench_branches add primary key (bid)
;

-- postgresql
alter table pgbench_tellers add primary key (tid)
;

-- postgresql
alter table pgbench_tellers add constraint pgbench_tellers_bid_fkey foreign key (bid) references pgbench_branches
;

-- postgresql
alter table pgbench_accounts add constraint pgbench_accounts_bid_fkey foreign key (bid) references pgbench_branches
;

-- postgresql
alter table pgbench_history add constraint pgbench_history_tid_fkey foreign key (tid) references pgbench_tellers
;

-- postgresql
alter table pgbench_history add constraint pgbench_history_aid_fkey foreign key (aid) references pgbench_accounts
;

-- postgresql
select o.n, p.partstrat, pg_catalog.count(i.inhparent) from pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on (n.oid = c.relnamespace) cross join lateral (select pg_catalog.array_position(pg_catalog.current_schemas(true), n.nspname)) as o(n) left join pg_catalog.pg_partitioned_table as p on (p.partrelid = c.oid) left join pg_catalog.pg_inherits as i on (c.oid = i.inhparent) where c.relname = 'pgbench_accounts' and o.n is not null group by 1, 2 order by 1 asc limit 1
;

-- postgresql
vacuum pgbench_branches
;

-- postgresql
truncate pgbench_history
;

-- postgresql
UPDATE pgbench_accounts SET abalance = abalance + 4804 WHERE aid = 75243
;

-- postgresql
UPDATE pgbench_tellers SET tbalance = tbalance + 4804 WHERE tid = 7
;

-- postgresql
UPDATE pgbench_branches SET bbalance = bbalance + 4804 WHERE bid = 1
;

-- postgresql
END
;

-- postgresql
UPDATE pgbench_accounts SET abalance = abalance + -4867 WHERE aid = 75799
;

-- postgresql
UPDATE pgbench_branches SET bbalance = bbalance + -4867 WHERE bid = 1
;

-- postgresql
INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES (4, 1, 75799, -4867, CURRENT_TIMESTAMP)
;

-- postgresql
SELECT abalance FROM pgbench_accounts WHERE aid = $1
;

-- postgresql
UPDATE pgbench_tellers SET tbalance = tbalance + $1 WHERE tid = $2
;

-- postgresql
insert into pgbench_branches(bid,bbalance) select bid, 0 from generate_series(1, 1) as bid
;

-- postgresql
insert into pgbench_accounts(aid,bid,abalance,filler) select aid, (aid - 1) / 100000 + 1, 0, '' from generate_series(1, 100000) as aid
;

-- postgresql
create table pgbench_accounts_2
  partition of pgbench_accounts
  for values from (50001) to (maxvalue) with (fillfactor=100)
;

-- postgresql
copy pgbench_accounts from stdin
;

-- postgresql
SELECT pg_catalog.pg_is_in_recovery()
;

-- postgresql
SET DATESTYLE = ISO
;

-- postgresql
SET extra_float_digits TO 3
;

-- postgresql
SET synchronize_seqscans TO off
;

-- postgresql
SET lock_timeout = 0
;

-- postgresql
SET idle_in_transaction_session_timeout = 0
;

-- postgresql
SELECT set_config(name, 'view, foreign-table', false) FROM pg_settings WHERE name = 'restrict_nonsystem_relation_kind'
;

-- postgresql
SELECT oid, rolname FROM pg_catalog.pg_roles ORDER BY 1
;

-- postgresql
SELECT x.tableoid, x.oid, x.extname, n.nspname, x.extrelocatable, x.extversion, x.extconfig, x.extcondition FROM pg_extension x JOIN pg_namespace n ON n.oid = x.extnamespace
;

-- postgresql
SELECT n.tableoid, n.oid, n.nspname, n.nspowner, n.nspacl, acldefault('n', n.nspowner) AS acldefault FROM pg_namespace n
;

-- postgresql
SELECT c.tableoid, c.oid, c.relname, c.relnamespace, c.relkind, c.reltype, c.relowner, c.relchecks, c.relhasindex, c.relhasrules, c.relpages, c.relhastriggers, c.relpersistence, c.reloftype, c.relacl, acldefault(CASE WHEN c.relkind = 'S' THEN 's'::"char" ELSE 'r'::"char" END, c.relowner) AS acldefault, CASE WHEN c.relkind = 'f' THEN (SELECT ftserver FROM pg_catalog.pg_foreign_table WHERE ftrelid = c.oid) ELSE 0 END AS foreignserver, c.relfrozenxid, tc.relfrozenxid AS tfrozenxid, tc.oid AS toid, tc.relpages AS toastpages, tc.reloptions AS toast_reloptions, d.refobjid AS owning_tab, d.refobjsubid AS owning_col, tsp.spcname AS reltablespace, false AS relhasoids, c.relispopulated, c.relreplident, c.relrowsecurity, c.relforcerowsecurity, c.relminmxid, tc.relminmxid AS tminmxid, array_remove(array_remove(c.reloptions,'check_option=local'),'check_option=cascaded') AS reloptions, CASE WHEN 'check_option=local' = ANY (c.reloptions) THEN 'LOCAL'::text WHEN 'check_option=cascaded' = ANY (c.reloptions) THEN 'CASCADED'::text ELSE NULL END AS checkoption, am.amname, (d.deptype = 'i') IS TRUE AS is_identity_sequence, c.relispartition AS ispartition 
FROM pg_class c
LEFT JOIN pg_depend d ON (c.relkind = 'S' AND d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0 AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i'))
LEFT JOIN pg_tablespace tsp ON (tsp.oid = c.reltablespace)
LEFT JOIN pg_am am ON (c.relam = am.oid)
LEFT JOIN pg_class tc ON (c.reltoastrelid = tc.oid AND tc.relkind = 't' AND c.relkind <> 'p')
WHERE c.relkind IN ('r', 'S', 'v', 'c', 'm', 'f', 'p')
ORDER BY c.oid
;

-- postgresql
LOCK TABLE public.orders IN ACCESS SHARE MODE
;

-- postgresql
LOCK TABLE public.part IN ACCESS SHARE MODE
;

-- postgresql
SELECT p.tableoid, p.oid, p.proname, p.prolang, p.pronargs, p.proargtypes, p.prorettype, p.proacl, acldefault('f', p.proowner) AS acldefault, p.pronamespace, p.proowner FROM pg_proc p LEFT JOIN pg_init_privs pip ON (p.oid = pip.objoid AND pip.classoid = 'pg_proc'::regclass AND pip.objsubid = 0) WHERE p.prokind <> 'a'
  AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'i')
  AND (
  pronamespace != (SELECT oid FROM pg_namespace WHERE nspname = 'pg_catalog')
  OR EXISTS (SELECT 1 FROM pg_cast
  WHERE pg_cast.oid > 16383 
  AND p.oid = pg_cast.castfunc)
  OR EXISTS (SELECT 1 FROM pg_transform
  WHERE pg_transform.oid > 16383 AND 
  (p.oid = pg_transform.trffromsql
  OR p.oid = pg_transform.trftosql))
  OR p.proacl IS DISTINCT FROM pip.initprivs)
;

-- postgresql
SELECT tableoid, oid, typname, typnamespace, typacl, acldefault('T', typowner) AS acldefault, typowner, typelem, typrelid, CASE WHEN typrelid = 0 THEN ' '::"char" ELSE (SELECT relkind FROM pg_class WHERE oid = typrelid) END AS typrelkind, typtype, typisdefined, typname[0] = '_' AND typelem != 0 AND (SELECT typarray FROM pg_type te WHERE oid = pg_type.typelem) = oid AS isarray FROM pg_type
;

-- postgresql
EXECUTE getDomainConstraints('16828')
;

-- postgresql
SELECT tableoid, oid, lanname, lanpltrusted, lanplcallfoid, laninline, lanvalidator, lanacl, acldefault('l', lanowner) AS acldefault, lanowner FROM pg_language WHERE lanispl ORDER BY oid
;

-- postgresql
SELECT tableoid, oid, oprname, oprnamespace, oprowner, oprkind, oprleft, oprright, oprcode::oid AS oprcode FROM pg_operator
;

-- postgresql
SELECT tableoid, oid, amname, amtype, amhandler::pg_catalog.regproc AS amhandler FROM pg_am
;

-- postgresql
SELECT tableoid, oid, opfmethod, opfname, opfnamespace, opfowner FROM pg_opfamily
;

-- postgresql
SELECT tableoid, oid, prsname, prsnamespace, prsstart::oid, prstoken::oid, prsend::oid, prsheadline::oid, prslextype::oid FROM pg_ts_parser
;

-- postgresql
SELECT tableoid, oid, dictname, dictnamespace, dictowner, dicttemplate, dictinitoption FROM pg_ts_dict
;

-- postgresql
SELECT tableoid, oid, cfgname, cfgnamespace, cfgowner, cfgparser FROM pg_ts_config
;

-- postgresql
SELECT tableoid, oid, srvname, srvowner, srvfdw, srvtype, srvversion, srvacl, acldefault('S', srvowner) AS acldefault, array_to_string(ARRAY(SELECT quote_ident(option_name) || ' ' || quote_literal(option_value) FROM pg_options_to_table(srvoptions) ORDER BY option_name), E',
    ') AS srvoptions FROM pg_foreign_server
;

-- postgresql
SELECT oid, tableoid, defaclrole, defaclnamespace, defaclobjtype, defaclacl, CASE WHEN defaclnamespace = 0 THEN acldefault(CASE WHEN defaclobjtype = 'S' THEN 's'::"char" ELSE defaclobjtype END, defaclrole) ELSE '{}' END AS acldefault FROM pg_default_acl
;

-- postgresql
SELECT tableoid, oid, conname, connamespace, conowner FROM pg_conversion
;

-- postgresql
SELECT tableoid, oid, castsource, casttarget, castfunc, castcontext, castmethod FROM pg_cast c WHERE NOT EXISTS ( SELECT 1 FROM pg_range r WHERE c.castsource = r.rngtypid AND c.casttarget = r.rngmultitypid ) ORDER BY 3,4
;

-- postgresql
SELECT inhrelid, inhparent FROM pg_inherits
;

-- postgresql
SELECT e.tableoid, e.oid, evtname, evtenabled, evtevent, evtowner, array_to_string(array(select quote_literal(x)  from unnest(evttags) as t(x)), ', ') as evttags, e.evtfoid::regproc as evtfname FROM pg_event_trigger e ORDER BY e.oid
;

-- postgresql
SELECT
a.attrelid,
a.attnum,
a.attname,
a.atttypmod,
a.attstattarget,
a.attstorage,
t.typstorage,
a.attnotnull,
a.atthasdef,
a.attisdropped,
a.attlen,
a.attalign,
a.attislocal,
pg_catalog.format_type(t.oid, a.atttypmod) AS atttypname,
array_to_string(a.attoptions, ', ') AS attoptions,
CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation ELSE 0 END AS attcollation,
pg_catalog.array_to_string(ARRAY(SELECT pg_catalog.quote_ident(option_name) || ' ' || pg_catalog.quote_literal(option_value) FROM pg_catalog.pg_options_to_table(attfdwoptions) ORDER BY option_name), E',
    ') AS attfdwoptions,
a.attcompression AS attcompression,
a.attidentity,
CASE WHEN a.atthasmissing AND NOT a.attisdropped THEN a.attmissingval ELSE null END AS attmissingval,
a.attgenerated
FROM unnest('{16834,16849,16865,16869,16877,16880}'::pg_catalog.oid[]) AS src(tbloid)
JOIN pg_catalog.pg_attribute a ON (src.tbloid = a.attrelid) LEFT JOIN pg_catalog.pg_type t ON (a.atttypid = t.oid)
WHERE a.attnum > 0::pg_catalog.int2
ORDER BY a.attrelid, a.attnum
;

-- postgresql
SELECT a.tableoid, a.oid, adrelid, adnum, pg_catalog.pg_get_expr(adbin, adrelid) AS adsrc
FROM unnest('{16834,16849}'::pg_catalog.oid[]) AS src(tbloid)
JOIN pg_catalog.pg_attrdef a ON (src.tbloid = a.adrelid)
ORDER BY a.adrelid, a.adnum
;

-- postgresql
SELECT partrelid FROM pg_partitioned_table WHERE
(SELECT c.oid FROM pg_opclass c JOIN pg_am a ON c.opcmethod = a.oid
WHERE opcname = 'enum_ops' AND opcnamespace = 'pg_catalog'::regnamespace AND amname = 'hash') = ANY(partclass)
;

-- postgresql
SELECT t.tableoid, t.oid, i.indrelid, t.relname AS indexname, pg_catalog.pg_get_indexdef(i.indexrelid) AS indexdef, i.indkey, i.indisclustered, c.contype, c.conname, c.condeferrable, c.condeferred, c.tableoid AS contableoid, c.oid AS conoid, pg_catalog.pg_get_constraintdef(c.oid, false) AS condef, (SELECT spcname FROM pg_catalog.pg_tablespace s WHERE s.oid = t.reltablespace) AS tablespace, t.reloptions AS indreloptions, i.indisreplident, inh.inhparent AS parentidx, i.indnkeyatts AS indnkeyatts, i.indnatts AS indnatts, (SELECT pg_catalog.array_agg(attnum ORDER BY attnum)   FROM pg_catalog.pg_attribute   WHERE attrelid = i.indexrelid AND     attstattarget >= 0) AS indstatcols, (SELECT pg_catalog.array_agg(attstattarget ORDER BY attnum)   FROM pg_catalog.pg_attribute   WHERE attrelid = i.indexrelid AND     attstattarget >= 0) AS indstatvals, i.indnullsnotdistinct FROM unnest('{16834,16849}'::pg_catalog.oid[]) AS src(tbloid)
JOIN pg_catalog.pg_index i ON (src.tbloid = i.indrelid) JOIN pg_catalog.pg_class t ON (t.oid = i.indexrelid) JOIN pg_catalog.pg_class t2 ON (t2.oid = i.indrelid) LEFT JOIN pg_catalog.pg_constraint c ON (i.indrelid = c.conrelid AND i.indexrelid = c.conindid AND c.contype IN ('p','u','x')) LEFT JOIN pg_catalog.pg_inherits inh ON (inh.inhrelid = indexrelid) WHERE (i.indisvalid OR t2.relkind = 'p') AND i.indisready ORDER BY i.indrelid, indexname
;

-- postgresql
SELECT c.tableoid, c.oid, conrelid, conname, confrelid, conindid, pg_catalog.pg_get_constraintdef(c.oid) AS condef
FROM unnest('{16834,16849,16877}'::pg_catalog.oid[]) AS src(tbloid)
JOIN pg_catalog.pg_constraint c ON (src.tbloid = c.conrelid)
WHERE contype = 'f' AND conparentid = 0 ORDER BY conrelid, conname
;

-- postgresql
SELECT t.tgrelid, t.tgname, t.tgfoid::pg_catalog.regproc AS tgfname, pg_catalog.pg_get_triggerdef(t.oid, false) AS tgdef, t.tgenabled, t.tableoid, t.oid, t.tgparentid <> 0 AS tgispartition
FROM unnest('{16834,16849}'::pg_catalog.oid[]) AS src(tbloid)
JOIN pg_catalog.pg_trigger t ON (src.tbloid = t.tgrelid) LEFT JOIN pg_catalog.pg_trigger u ON (u.oid = t.tgparentid) WHERE ((NOT t.tgisinternal AND t.tgparentid = 0) OR t.tgenabled != u.tgenabled) ORDER BY t.tgrelid, t.tgname
;

-- postgresql
SELECT pol.oid, pol.tableoid, pol.polrelid, pol.polname, pol.polcmd, pol.polpermissive, CASE WHEN pol.polroles = '{0}' THEN NULL ELSE    pg_catalog.array_to_string(ARRAY(SELECT pg_catalog.quote_ident(rolname) from pg_catalog.pg_roles WHERE oid = ANY(pol.polroles)), ', ') END AS polroles, pg_catalog.pg_get_expr(pol.polqual, pol.polrelid) AS polqual, pg_catalog.pg_get_expr(pol.polwithcheck, pol.polrelid) AS polwithcheck FROM unnest('{16834,16849,16877,16880}'::pg_catalog.oid[]) AS src(tbloid)
JOIN pg_catalog.pg_policy pol ON (src.tbloid = pol.polrelid)
;

-- postgresql
SELECT p.tableoid, p.oid, p.pubname, p.pubowner, p.puballtables, p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate, p.pubviaroot FROM pg_publication p
;

-- postgresql
SELECT tableoid, oid, pnpubid, pnnspid FROM pg_catalog.pg_publication_namespace
;

-- postgresql
SELECT s.tableoid, s.oid, s.subname,
 s.subowner,
 s.subconninfo, s.subslotname, s.subsynccommit,
 s.subpublications,
 s.subbinary,
 s.substream,
 s.subtwophasestate,
 s.subdisableonerr
FROM pg_subscription s
WHERE s.subdbid = (SELECT oid FROM pg_database
                   WHERE datname = current_database())
;

-- postgresql
SELECT oid, lomowner, lomacl, acldefault('L', lomowner) AS acldefault FROM pg_largeobject_metadata
;

-- postgresql
SELECT classid, objid, refclassid, refobjid, deptype FROM pg_depend WHERE deptype != 'p' AND deptype != 'e'
UNION ALL
SELECT 'pg_opfamily'::regclass AS classid, amopfamily AS objid, refclassid, refobjid, deptype FROM pg_depend d, pg_amop o WHERE deptype NOT IN ('p', 'e', 'i') AND classid = 'pg_amop'::regclass AND objid = o.oid AND NOT (refclassid = 'pg_opfamily'::regclass AND amopfamily = refobjid)
UNION ALL
SELECT 'pg_opfamily'::regclass AS classid, amprocfamily AS objid, refclassid, refobjid, deptype FROM pg_depend d, pg_amproc p WHERE deptype NOT IN ('p', 'e', 'i') AND classid = 'pg_amproc'::regclass AND objid = p.oid AND NOT (refclassid = 'pg_opfamily'::regclass AND amprocfamily = refobjid)
ORDER BY 1,2
;

-- postgresql
SELECT objoid, classoid, objsubid, privtype, initprivs FROM pg_init_privs
;

-- postgresql
SELECT description, classoid, objoid, objsubid FROM pg_catalog.pg_description ORDER BY classoid, objoid, objsubid
;

-- postgresql
SELECT pg_catalog.current_schemas(false)
;

-- postgresql
PREPARE dumpCompositeType(pg_catalog.oid) AS
SELECT a.attname, a.attnum, pg_catalog.format_type(a.atttypid, a.atttypmod) AS atttypdefn, a.attlen, a.attalign, a.attisdropped, CASE WHEN a.attcollation <> at.typcollation THEN a.attcollation ELSE 0 END AS attcollation FROM pg_catalog.pg_type ct JOIN pg_catalog.pg_attribute a ON a.attrelid = ct.typrelid LEFT JOIN pg_catalog.pg_type at ON at.oid = a.atttypid WHERE ct.oid = $1 ORDER BY a.attnum
;

-- postgresql
PREPARE dumpEnumType(pg_catalog.oid) AS
SELECT oid, enumlabel FROM pg_catalog.pg_enum WHERE enumtypid = $1 ORDER BY enumsortorder
;

-- postgresql
EXECUTE dumpEnumType('16821')
;

-- postgresql
EXECUTE dumpDomain('16828')
;

-- postgresql
PREPARE dumpFunc(pg_catalog.oid) AS
SELECT
proretset,
prosrc,
probin,
provolatile,
proisstrict,
prosecdef,
lanname,
proconfig,
procost,
prorows,
pg_catalog.pg_get_function_arguments(p.oid) AS funcargs,
pg_catalog.pg_get_function_identity_arguments(p.oid) AS funciargs,
pg_catalog.pg_get_function_result(p.oid) AS funcresult,
proleakproof,
array_to_string(protrftypes, ' ') AS protrftypes,
proparallel,
prokind,
prosupport,
pg_get_function_sqlbody(p.oid) AS prosqlbody
FROM pg_catalog.pg_proc p, pg_catalog.pg_language l
WHERE p.oid = $1 AND l.oid = p.prolang
;

-- postgresql
SELECT pg_catalog.format_type('23'::pg_catalog.oid, NULL)
;

-- postgresql
PREPARE getColumnACLs(pg_catalog.oid) AS
SELECT at.attname, at.attacl, '{}' AS acldefault, pip.privtype, pip.initprivs FROM pg_catalog.pg_attribute at LEFT JOIN pg_catalog.pg_init_privs pip ON (at.attrelid = pip.objoid AND pip.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND at.attnum = pip.objsubid) WHERE at.attrelid = $1 AND NOT at.attisdropped AND (at.attacl IS NOT NULL OR pip.initprivs IS NOT NULL) ORDER BY at.attnum
;

-- postgresql
SELECT pg_catalog.pg_get_viewdef('16865'::pg_catalog.oid) AS viewdef
;

-- postgresql
SELECT format_type(seqtypid, NULL), seqstart, seqincrement, seqmax, seqmin, seqcache, seqcycle FROM pg_catalog.pg_sequence WHERE seqrelid = '16873'::oid
;

-- postgresql
PREPARE dumpTableAttach(pg_catalog.oid) AS
SELECT pg_get_expr(c.relpartbound, c.oid) FROM pg_class c WHERE c.oid = $1
;

-- postgresql
EXECUTE dumpTableAttach('16880')
;

-- postgresql
SELECT last_value, is_called FROM public.orders_id_seq
;

-- postgresql
SELECT last_value, is_called FROM public.users_id_seq
;

-- postgresql
COPY public.part_2024 (id, d) TO stdout
;

-- postgresql
COPY public.users (id, name, email, active, created, balance, tags, data, uid, m) TO stdout
;

-- postgresql
FETCH 100 FROM _pg_dump_cursor
;

-- postgresql
CLOSE _pg_dump_cursor
;

-- postgresql
DECLARE _pg_dump_cursor CURSOR FOR SELECT id, name, email, active, created, balance, tags, data, uid, m FROM ONLY public.users
;

-- postgresql
SET TIME ZONE 'UTC'
;

-- postgresql
CREATE TABLE "django_migrations" ("id" bigserial NOT NULL PRIMARY KEY, "app" varchar(255) NOT NULL, "name" varchar(255) NOT NULL, "applied" timestamp with time zone NOT NULL)
;

-- postgresql
CREATE TABLE "django_content_type" ("id" serial NOT NULL PRIMARY KEY, "name" varchar(100) NOT NULL, "app_label" varchar(100) NOT NULL, "model" varchar(100) NOT NULL)
;

-- postgresql
ALTER TABLE "django_content_type" ADD CONSTRAINT "django_content_type_app_label_model_76bd3d3b_uniq" UNIQUE ("app_label", "model")
;

-- postgresql
CREATE TABLE "auth_permission" ("id" serial NOT NULL PRIMARY KEY, "name" varchar(50) NOT NULL, "content_type_id" integer NOT NULL, "codename" varchar(100) NOT NULL)
;

-- postgresql
CREATE TABLE "auth_group" ("id" serial NOT NULL PRIMARY KEY, "name" varchar(80) NOT NULL UNIQUE)
;

-- postgresql
CREATE TABLE "auth_user" ("id" serial NOT NULL PRIMARY KEY, "password" varchar(128) NOT NULL, "last_login" timestamp with time zone NOT NULL, "is_superuser" boolean NOT NULL, "username" varchar(30) NOT NULL UNIQUE, "first_name" varchar(30) NOT NULL, "last_name" varchar(30) NOT NULL, "email" varchar(75) NOT NULL, "is_staff" boolean NOT NULL, "is_active" boolean NOT NULL, "date_joined" timestamp with time zone NOT NULL)
;

-- postgresql
CREATE TABLE "auth_user_groups" ("id" bigserial NOT NULL PRIMARY KEY, "user_id" integer NOT NULL, "group_id" integer NOT NULL)
;

-- postgresql
ALTER TABLE "auth_permission" ADD CONSTRAINT "auth_permission_content_type_id_codename_01ab375a_uniq" UNIQUE ("content_type_id", "codename")
;

-- postgresql
CREATE INDEX "auth_group_name_a6ea08ec_like" ON "auth_group" ("name" varchar_pattern_ops)
;

-- postgresql
ALTER TABLE "auth_group_permissions" ADD CONSTRAINT "auth_group_permissions_group_id_permission_id_0cd325b0_uniq" UNIQUE ("group_id", "permission_id")
;

-- postgresql
CREATE INDEX "auth_group_permissions_group_id_b120cbf9" ON "auth_group_permissions" ("group_id")
;

-- postgresql
CREATE INDEX "auth_user_username_6821ab7c_like" ON "auth_user" ("username" varchar_pattern_ops)
;

-- postgresql
ALTER TABLE "auth_user_groups" ADD CONSTRAINT "auth_user_groups_user_id_group_id_94350c0c_uniq" UNIQUE ("user_id", "group_id")
;

-- postgresql
CREATE INDEX "auth_user_groups_user_id_6a12ed8b" ON "auth_user_groups" ("user_id")
;

-- postgresql
ALTER TABLE "auth_user_user_permissions" ADD CONSTRAINT "auth_user_user_permissions_user_id_permission_id_14a6b632_uniq" UNIQUE ("user_id", "permission_id")
;

-- postgresql
CREATE INDEX "auth_user_user_permissions_user_id_a95ead1b" ON "auth_user_user_permissions" ("user_id")
;

-- postgresql
CREATE INDEX "auth_user_user_permissions_permission_id_1fbb5f2c" ON "auth_user_user_permissions" ("permission_id")
;

-- postgresql
ALTER TABLE "django_admin_log" ADD CONSTRAINT "django_admin_log_content_type_id_c4bce8eb_fk_django_co" FOREIGN KEY ("content_type_id") REFERENCES "django_content_type" ("id") DEFERRABLE INITIALLY DEFERRED
;

-- postgresql
CREATE INDEX "django_admin_log_user_id_c564eba6" ON "django_admin_log" ("user_id")
;

-- postgresql
ALTER TABLE "django_content_type" ALTER COLUMN "name" DROP NOT NULL
;

-- postgresql
ALTER TABLE "auth_permission" ALTER COLUMN "name" TYPE varchar(255)
;

-- postgresql
ALTER TABLE "auth_user" ALTER COLUMN "email" TYPE varchar(254)
;

-- postgresql
ALTER TABLE "auth_user" ALTER COLUMN "username" TYPE varchar(150)
;

-- postgresql
ALTER TABLE "auth_user" ALTER COLUMN "last_name" TYPE varchar(150)
;

-- postgresql
ALTER TABLE "auth_user" ALTER COLUMN "first_name" TYPE varchar(150)
;

-- postgresql
CREATE TABLE "django_session" ("session_key" varchar(40) NOT NULL PRIMARY KEY, "session_data" text NOT NULL, "expire_date" timestamp with time zone NOT NULL)
;

-- postgresql
CREATE INDEX "django_session_expire_date_a5c62663" ON "django_session" ("expire_date")
;

-- postgresql
SELECT "django_migrations"."id", "django_migrations"."app", "django_migrations"."name", "django_migrations"."applied" FROM "django_migrations"
;

-- postgresql
INSERT INTO "django_content_type" ("app_label", "model") VALUES ('contenttypes', 'contenttype') RETURNING "django_content_type"."id"
;

-- postgresql
SELECT "django_content_type"."id", "django_content_type"."app_label", "django_content_type"."model" FROM "django_content_type" WHERE ("django_content_type"."app_label" = 'contenttypes' AND "django_content_type"."model" = 'contenttype') LIMIT 21
;

-- postgresql
INSERT INTO "auth_permission" ("name", "content_type_id", "codename") VALUES ('Can add content type', 1, 'add_contenttype'), ('Can change content type', 1, 'change_contenttype'), ('Can delete content type', 1, 'delete_contenttype'), ('Can view content type', 1, 'view_contenttype') RETURNING "auth_permission"."id"
;

-- postgresql
SELECT a1.attname, c2.relname, a2.attname
            FROM pg_constraint con
            LEFT JOIN pg_class c1 ON con.conrelid = c1.oid
            LEFT JOIN pg_class c2 ON con.confrelid = c2.oid
            LEFT JOIN pg_attribute a1 ON c1.oid = a1.attrelid AND a1.attnum = con.conkey[1]
            LEFT JOIN pg_attribute a2 ON c2.oid = a2.attrelid AND a2.attnum = con.confkey[1]
            WHERE
                c1.relname = 'auth_group' AND
                con.contype = 'f' AND
                c1.relnamespace = c2.relnamespace AND
                pg_catalog.pg_table_is_visible(c1.oid)
;

-- postgresql
SELECT
                indexname, array_agg(attname ORDER BY arridx), indisunique, indisprimary,
                array_agg(ordering ORDER BY arridx), amname, exprdef, s2.attoptions
            FROM (
                SELECT
                    c2.relname as indexname, idx.*, attr.attname, am.amname,
                    CASE
                        WHEN idx.indexprs IS NOT NULL THEN
                            pg_get_indexdef(idx.indexrelid)
                    END AS exprdef,
                    CASE am.amname
                        WHEN 'btree' THEN
                            CASE (option & 1)
                                WHEN 1 THEN 'DESC' ELSE 'ASC'
                            END
                    END as ordering,
                    c2.reloptions as attoptions
                FROM (
                    SELECT *
                    FROM pg_index i, unnest(i.indkey, i.indoption) WITH ORDINALITY koi(key, option, arridx)
                ) idx
                LEFT JOIN pg_class c ON idx.indrelid = c.oid
                LEFT JOIN pg_class c2 ON idx.indexrelid = c2.oid
                LEFT JOIN pg_am am ON c2.relam = am.oid
                LEFT JOIN pg_attribute attr ON attr.attrelid = c.oid AND attr.attnum = idx.key
                WHERE c.relname = 'auth_group' AND pg_catalog.pg_table_is_visible(c.oid)
            ) s2
            GROUP BY indexname, indisunique, indisprimary, amname, exprdef, attoptions
;

-- postgresql
SELECT
                a.attname AS column_name,
                NOT (a.attnotnull OR (t.typtype = 'd' AND t.typnotnull)) AS is_nullable,
                pg_get_expr(ad.adbin, ad.adrelid) AS column_default,
                CASE WHEN collname = 'default' THEN NULL ELSE collname END AS collation
            FROM pg_attribute a
            LEFT JOIN pg_attrdef ad ON a.attrelid = ad.adrelid AND a.attnum = ad.adnum
            LEFT JOIN pg_collation co ON a.attcollation = co.oid
            JOIN pg_type t ON a.atttypid = t.oid
            JOIN pg_class c ON a.attrelid = c.oid
            JOIN pg_namespace n ON c.relnamespace = n.oid
            WHERE c.relkind IN ('f', 'm', 'p', 'r', 'v')
                AND c.relname = 'auth_group'
                AND n.nspname NOT IN ('pg_catalog', 'pg_toast')
                AND pg_catalog.pg_table_is_visible(c.oid)
;

-- postgresql
SELECT * FROM "auth_group_permissions" LIMIT 1
;

-- postgresql
SELECT * FROM "auth_permission" LIMIT 1
;

-- postgresql
SELECT * FROM "auth_user_groups" LIMIT 1
;

-- postgresql
SELECT * FROM "auth_user_user_permissions" LIMIT 1
;

-- postgresql
SELECT * FROM "django_content_type" LIMIT 1
;

-- postgresql
SELECT * FROM "django_migrations" LIMIT 1
;

-- postgresql
INSERT INTO "auth_user" ("password", "last_login", "is_superuser", "username", "first_name", "last_name", "email", "is_staff", "is_active", "date_joined") VALUES ('pbkdf2_sha256$260000$IPKyU1gi9JFGQiFuuKlT9X$F+MUn5hlMctMhyLa++oruY+pAxgUyYCjVV1fIA+09no=', NULL, false, 'a', '', '', 'a@b.c', false, true, '2026-11-22T13:37:36.759542+00:00'::timestamptz) RETURNING "auth_user"."id"
;

-- postgresql
INSERT INTO "auth_group" ("name") VALUES ('g') RETURNING "auth_group"."id"
;

-- postgresql
SELECT "auth_user"."id", "auth_user"."password", "auth_user"."last_login", "auth_user"."is_superuser", "auth_user"."username", "auth_user"."first_name", "auth_user"."last_name", "auth_user"."email", "auth_user"."is_staff", "auth_user"."is_active", "auth_user"."date_joined" FROM "auth_user" WHERE ("auth_user"."date_joined" BETWEEN '2026-01-01T00:00:00-06:00'::timestamptz AND '2026-12-31T23:59:59.999999-06:00'::timestamptz AND UPPER("auth_user"."email"::text) = UPPER('A@B.C') AND UPPER("auth_user"."username"::text) LIKE UPPER('%a%')) ORDER BY "auth_user"."id" DESC LIMIT 5
;

-- postgresql
SELECT DISTINCT "auth_user"."id", "auth_user"."password", "auth_user"."last_login", "auth_user"."is_superuser", "auth_user"."username", "auth_user"."first_name", "auth_user"."last_name", "auth_user"."email", "auth_user"."is_staff", "auth_user"."is_active", "auth_user"."date_joined" FROM "auth_user" WHERE (UPPER("auth_user"."username"::text) LIKE UPPER('A%') AND "auth_user"."username"::text ~ '^a' AND NOT (EXISTS(SELECT (1) AS "a" FROM "auth_user_groups" U1 INNER JOIN "auth_group" U2 ON (U1."group_id" = U2."id") WHERE (U2."name" = 'x' AND U1."user_id" = "auth_user"."id") LIMIT 1)))
;

-- postgresql
SELECT COUNT("auth_user"."id") AS "id__count", AVG("auth_user"."id") AS "id__avg", SUM("auth_user"."id") AS "id__sum" FROM "auth_user"
;

-- postgresql
RELEASE SAVEPOINT "s139971718312000_x1"
;

-- postgresql
UPDATE "auth_user" SET "first_name" = CONCAT("auth_user"."username", 'x') WHERE "auth_user"."id" IN (1, 2)
;

-- postgresql
DELETE FROM "auth_user_groups" WHERE "auth_user_groups"."user_id" IN (5)
;

-- postgresql
DELETE FROM "auth_user_user_permissions" WHERE "auth_user_user_permissions"."user_id" IN (5)
;

-- postgresql
DELETE FROM "auth_user" WHERE "auth_user"."id" IN (5)
;

-- postgresql
SELECT (1) AS "a" FROM "auth_user" WHERE "auth_user"."id" = 1 LIMIT 1
;

-- postgresql
SELECT ("auth_user_groups"."user_id") AS "_prefetch_related_val_user_id", "auth_group"."id", "auth_group"."name" FROM "auth_group" INNER JOIN "auth_user_groups" ON ("auth_group"."id" = "auth_user_groups"."group_id") WHERE "auth_user_groups"."user_id" IN (3, 4, 6, 1, 2)
;

-- postgresql
DECLARE "_django_curs_139971718312000_sync_1" NO SCROLL CURSOR WITH HOLD FOR SELECT "auth_user"."id", "auth_user"."password", "auth_user"."last_login", "auth_user"."is_superuser", "auth_user"."username", "auth_user"."first_name", "auth_user"."last_name", "auth_user"."email", "auth_user"."is_staff", "auth_user"."is_active", "auth_user"."date_joined" FROM "auth_user"
;

-- postgresql
FETCH FORWARD 2 FROM "_django_curs_139971718312000_sync_1"
;

-- postgresql
SELECT "auth_permission"."id", "auth_permission"."name", "auth_permission"."content_type_id", "auth_permission"."codename", "django_content_type"."id", "django_content_type"."app_label", "django_content_type"."model" FROM "auth_permission" INNER JOIN "django_content_type" ON ("auth_permission"."content_type_id" = "django_content_type"."id") WHERE ("auth_permission"."codename"::text LIKE 'add%' OR NOT ("auth_permission"."name"::text LIKE '%x%')) ORDER BY "django_content_type"."app_label" ASC, "django_content_type"."model" ASC, "auth_permission"."codename" ASC
;

-- postgresql
SELECT COUNT(*) AS "__count" FROM "auth_user" WHERE ("auth_user"."date_joined" AT TIME ZONE 'America/Chicago')::date = '2026-01-01'::date
;

-- postgresql
TRUNCATE "auth_group", "auth_permission", "django_content_type", "auth_user", "django_admin_log", "auth_user_user_permissions", "django_session", "auth_group_permissions", "auth_user_groups" RESTART IDENTITY
;

-- postgresql
SAVEPOINT sa_savepoint_1
;

-- postgresql
SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg_%' ORDER BY nspname
;

-- postgresql
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind in ('r', 'p')
;

-- postgresql
SELECT relname FROM pg_class c join pg_namespace n on n.oid=c.relnamespace where relkind='S' and n.nspname='public'
;

-- postgresql
SELECT c.oid
            FROM pg_catalog.pg_class c
            LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE (pg_catalog.pg_table_is_visible(c.oid))
            AND c.relname = 'users' AND c.relkind in
            ('r', 'v', 'm', 'f', 'p')
;

-- postgresql
SELECT t.typname as "name",
               pg_catalog.format_type(t.typbasetype, t.typtypmod) as "attype",
               not t.typnotnull as "nullable",
               t.typdefault as "default",
               pg_catalog.pg_type_is_visible(t.oid) as "visible",
               n.nspname as "schema"
            FROM pg_catalog.pg_type t
               LEFT JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
            WHERE t.typtype = 'd'
;

-- postgresql
SELECT t.typname as "name",
               -- no enum defaults in 8.4 at least
               -- t.typdefault as "default",
               pg_catalog.pg_type_is_visible(t.oid) as "visible",
               n.nspname as "schema",
               e.enumlabel as "label"
            FROM pg_catalog.pg_type t
                 LEFT JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
                 LEFT JOIN pg_catalog.pg_enum e ON t.oid = e.enumtypid
            WHERE t.typtype = 'e'
        ORDER BY "schema", "name", e.oid
;

-- postgresql
SELECT conname
           FROM  pg_catalog.pg_constraint r
           WHERE r.conrelid = 17400 AND r.contype = 'p'
           ORDER BY 1
;

-- postgresql
SELECT r.conname,
                pg_catalog.pg_get_constraintdef(r.oid, true) as condef,
                n.nspname as conschema
          FROM  pg_catalog.pg_constraint r,
                pg_namespace n,
                pg_class c

          WHERE r.conrelid = 17400 AND
                r.contype = 'f' AND
                c.oid = confrelid AND
                n.oid = c.relnamespace
          ORDER BY 1
;

-- postgresql
SELECT
                cons.conname as name,
                cons.conkey as key,
                a.attnum as col_num,
                a.attname as col_name
            FROM
                pg_catalog.pg_constraint cons
                join pg_attribute a
                  on cons.conrelid = a.attrelid AND
                    a.attnum = ANY(cons.conkey)
            WHERE
                cons.conrelid = 17400 AND
                cons.contype = 'u'
;

-- postgresql
SELECT pg_get_viewdef(c.oid) view_def FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relname = 'v' AND c.relkind IN ('v', 'm')
;

-- postgresql
BEGIN ISOLATION LEVEL READ COMMITTED
;

-- postgresql
FETCH FORWARD 1 FROM "c_7f7b223d6890_1"
;

-- postgresql
FETCH FORWARD ALL FROM "c_7f7b223d6890_1"
;

-- postgresql
DROP TABLE orders
;

-- postgresql
DROP TABLE users
;

-- postgresql
SET extra_float_digits = 3
;

-- postgresql
SET application_name = 'PostgreSQL JDBC Driver'
;

-- postgresql
SELECT nspname AS TABLE_SCHEM, NULL AS TABLE_CATALOG FROM pg_catalog.pg_namespace  WHERE nspname <> 'pg_toast' AND (nspname !~ '^pg_temp_'  OR nspname = (pg_catalog.current_schemas(true))[1]) AND (nspname !~ '^pg_toast_temp_'  OR nspname = replace((pg_catalog.current_schemas(true))[1], 'pg_temp_', 'pg_toast_temp_'))  AND nspname LIKE 'pub%' ORDER BY TABLE_SCHEM
;

-- postgresql
SELECT NULL AS TABLE_CAT, n.nspname AS TABLE_SCHEM, c.relname AS TABLE_NAME,  CASE n.nspname ~ '^pg_' OR n.nspname = 'information_schema'  WHEN true THEN CASE  WHEN n.nspname = 'pg_catalog' OR n.nspname = 'information_schema' THEN CASE c.relkind   WHEN 'r' THEN 'SYSTEM TABLE'   WHEN 'v' THEN 'SYSTEM VIEW'   WHEN 'i' THEN 'SYSTEM INDEX'   ELSE NULL   END  WHEN n.nspname = 'pg_toast' THEN CASE c.relkind   WHEN 'r' THEN 'SYSTEM TOAST TABLE'   WHEN 'i' THEN 'SYSTEM TOAST INDEX'   ELSE NULL   END  ELSE CASE c.relkind   WHEN 'r' THEN 'TEMPORARY TABLE'   WHEN 'p' THEN 'TEMPORARY TABLE'   WHEN 'i' THEN 'TEMPORARY INDEX'   WHEN 'S' THEN 'TEMPORARY SEQUENCE'   WHEN 'v' THEN 'TEMPORARY VIEW'   ELSE NULL   END  END  WHEN false THEN CASE c.relkind  WHEN 'r' THEN 'TABLE'  WHEN 'p' THEN 'PARTITIONED TABLE'  WHEN 'i' THEN 'INDEX'  WHEN 'P' then 'PARTITIONED INDEX'  WHEN 'S' THEN 'SEQUENCE'  WHEN 'v' THEN 'VIEW'  WHEN 'c' THEN 'TYPE'  WHEN 'f' THEN 'FOREIGN TABLE'  WHEN 'm' THEN 'MATERIALIZED VIEW'  ELSE NULL  END  ELSE NULL  END  AS TABLE_TYPE, d.description AS REMARKS,  '' as TYPE_CAT, '' as TYPE_SCHEM, '' as TYPE_NAME, '' AS SELF_REFERENCING_COL_NAME, '' AS REF_GENERATION  FROM pg_catalog.pg_namespace n, pg_catalog.pg_class c  LEFT JOIN pg_catalog.pg_description d ON (c.oid = d.objoid AND d.objsubid = 0  and d.classoid = 'pg_class'::regclass)  WHERE c.relnamespace = n.oid  AND n.nspname LIKE 'public' AND c.relname LIKE '%' AND (false  OR ( c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' )  OR ( c.relkind = 'v' AND n.nspname <> 'pg_catalog' AND n.nspname <> 'information_schema' ) )  ORDER BY TABLE_TYPE,TABLE_SCHEM,TABLE_NAME
;

-- postgresql
SELECT * FROM (SELECT n.nspname,c.relname,a.attname,a.atttypid,a.attnotnull OR (t.typtype = 'd' AND t.typnotnull) AS attnotnull,a.atttypmod,a.attlen,t.typtypmod,row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum) AS attnum, nullif(a.attidentity, '') as attidentity,nullif(a.attgenerated, '') as attgenerated,pg_catalog.pg_get_expr(def.adbin, def.adrelid) AS adsrc,dsc.description,t.typbasetype,t.typtype  FROM pg_catalog.pg_namespace n  JOIN pg_catalog.pg_class c ON (c.relnamespace = n.oid)  JOIN pg_catalog.pg_attribute a ON (a.attrelid=c.oid)  JOIN pg_catalog.pg_type t ON (a.atttypid = t.oid)  LEFT JOIN pg_catalog.pg_attrdef def ON (a.attrelid=def.adrelid AND a.attnum = def.adnum)  LEFT JOIN pg_catalog.pg_description dsc ON (c.oid=dsc.objoid AND a.attnum = dsc.objsubid)  LEFT JOIN pg_catalog.pg_class dc ON (dc.oid=dsc.classoid AND dc.relname='pg_class')  LEFT JOIN pg_catalog.pg_namespace dn ON (dc.relnamespace=dn.oid AND dn.nspname='pg_catalog')  WHERE c.relkind in ('r','p','v','f','m') and a.attnum > 0 AND NOT a.attisdropped  AND n.nspname LIKE 'public' AND c.relname LIKE 'users') c WHERE true  ORDER BY nspname,c.relname,attnum
;

-- postgresql
SELECT typinput='pg_catalog.array_in'::regproc as is_array, typtype, typname, pg_type.oid   FROM pg_catalog.pg_type   LEFT JOIN (select ns.oid as nspoid, ns.nspname, r.r           from pg_namespace as ns           join ( select s.r, (current_schemas(false))[s.r] as nspname                    from generate_series(1, array_upper(current_schemas(false), 1)) as s(r) ) as r          using ( nspname )        ) as sp     ON sp.nspoid = typnamespace  WHERE pg_type.oid = $1  ORDER BY sp.r, pg_type.oid DESC
;

-- postgresql
SELECT        result.TABLE_CAT,        result.TABLE_SCHEM,        result.TABLE_NAME,        result.COLUMN_NAME,        result.KEY_SEQ,        result.PK_NAME FROM      (SELECT NULL AS TABLE_CAT, n.nspname AS TABLE_SCHEM,   ct.relname AS TABLE_NAME, a.attname AS COLUMN_NAME,   (information_schema._pg_expandarray(i.indkey)).n AS KEY_SEQ, ci.relname AS PK_NAME,   information_schema._pg_expandarray(i.indkey) AS KEYS, a.attnum AS A_ATTNUM FROM pg_catalog.pg_class ct   JOIN pg_catalog.pg_attribute a ON (ct.oid = a.attrelid)   JOIN pg_catalog.pg_namespace n ON (ct.relnamespace = n.oid)   JOIN pg_catalog.pg_index i ON ( a.attrelid = i.indrelid)   JOIN pg_catalog.pg_class ci ON (ci.oid = i.indexrelid) WHERE true  AND n.nspname = 'public' AND ct.relname = 'users' AND i.indisprimary  ) result where  result.A_ATTNUM = (result.KEYS).x  ORDER BY result.table_name, result.pk_name, result.key_seq
;

-- postgresql
SELECT NULL::text AS PKTABLE_CAT, pkn.nspname AS PKTABLE_SCHEM, pkc.relname AS PKTABLE_NAME, pka.attname AS PKCOLUMN_NAME, NULL::text AS FKTABLE_CAT, fkn.nspname AS FKTABLE_SCHEM, fkc.relname AS FKTABLE_NAME, fka.attname AS FKCOLUMN_NAME, pos.n AS KEY_SEQ, CASE con.confupdtype  WHEN 'c' THEN 0 WHEN 'n' THEN 2 WHEN 'd' THEN 4 WHEN 'r' THEN 1 WHEN 'p' THEN 1 WHEN 'a' THEN 3 ELSE NULL END AS UPDATE_RULE, CASE con.confdeltype  WHEN 'c' THEN 0 WHEN 'n' THEN 2 WHEN 'd' THEN 4 WHEN 'r' THEN 1 WHEN 'p' THEN 1 WHEN 'a' THEN 3 ELSE NULL END AS DELETE_RULE, con.conname AS FK_NAME, pkic.relname AS PK_NAME, CASE  WHEN con.condeferrable AND con.condeferred THEN 5 WHEN con.condeferrable THEN 6 ELSE 7 END AS DEFERRABILITY  FROM  pg_catalog.pg_namespace pkn, pg_catalog.pg_class pkc, pg_catalog.pg_attribute pka,  pg_catalog.pg_namespace fkn, pg_catalog.pg_class fkc, pg_catalog.pg_attribute fka,  pg_catalog.pg_constraint con,  pg_catalog.generate_series(1, 32) pos(n),  pg_catalog.pg_class pkic WHERE pkn.oid = pkc.relnamespace AND pkc.oid = pka.attrelid AND pka.attnum = con.confkey[pos.n] AND con.confrelid = pkc.oid  AND fkn.oid = fkc.relnamespace AND fkc.oid = fka.attrelid AND fka.attnum = con.conkey[pos.n] AND con.conrelid = fkc.oid  AND con.contype = 'f' AND (pkic.relkind = 'i' OR pkic.relkind = 'I') AND pkic.oid = con.conindid  AND fkn.nspname = 'public' AND fkc.relname = 'orders' ORDER BY pkn.nspname,pkc.relname, con.conname,pos.n
;

-- postgresql
SELECT     tmp.TABLE_CAT,     tmp.TABLE_SCHEM,     tmp.TABLE_NAME,     tmp.NON_UNIQUE,     tmp.INDEX_QUALIFIER,     tmp.INDEX_NAME,     tmp.TYPE,     tmp.ORDINAL_POSITION,     trim(both '"' from pg_catalog.pg_get_indexdef(tmp.CI_OID, tmp.ORDINAL_POSITION, false)) AS COLUMN_NAME,   CASE tmp.AM_NAME     WHEN 'btree' THEN CASE tmp.I_INDOPTION[tmp.ORDINAL_POSITION - 1] & 1::smallint       WHEN 1 THEN 'D'       ELSE 'A'     END     ELSE NULL   END AS ASC_OR_DESC,     tmp.CARDINALITY,     tmp.PAGES,     tmp.FILTER_CONDITION FROM (SELECT NULL AS TABLE_CAT, n.nspname AS TABLE_SCHEM,   ct.relname AS TABLE_NAME, NOT i.indisunique AS NON_UNIQUE,   NULL AS INDEX_QUALIFIER, ci.relname AS INDEX_NAME,   CASE i.indisclustered     WHEN true THEN 1    ELSE CASE am.amname       WHEN 'hash' THEN 2      ELSE 3    END   END AS TYPE,   (information_schema._pg_expandarray(i.indkey)).n AS ORDINAL_POSITION,   ci.reltuples AS CARDINALITY,   ci.relpages AS PAGES,   pg_catalog.pg_get_expr(i.indpred, i.indrelid) AS FILTER_CONDITION,   ci.oid AS CI_OID,   i.indoption AS I_INDOPTION,   am.amname AS AM_NAME FROM pg_catalog.pg_class ct   JOIN pg_catalog.pg_namespace n ON (ct.relnamespace = n.oid)   JOIN pg_catalog.pg_index i ON (ct.oid = i.indrelid)   JOIN pg_catalog.pg_class ci ON (ci.oid = i.indexrelid)   JOIN pg_catalog.pg_am am ON (ci.relam = am.oid) WHERE true  AND n.nspname = 'public' AND ct.relname = 'users') AS tmp ORDER BY NON_UNIQUE, TYPE, INDEX_NAME, ORDINAL_POSITION
;

-- postgresql
SELECT t.typname,t.oid FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON (t.typnamespace = n.oid)  WHERE n.nspname  != 'pg_toast' AND  (t.typrelid = 0 OR (SELECT c.relkind = 'c' FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid))
;

-- postgresql
SELECT NULL AS PROCEDURE_CAT, n.nspname AS PROCEDURE_SCHEM, p.proname AS PROCEDURE_NAME, NULL, NULL, NULL, d.description AS REMARKS, 2 AS PROCEDURE_TYPE,  p.proname || '_' || p.oid AS SPECIFIC_NAME  FROM pg_catalog.pg_namespace n, pg_catalog.pg_proc p  LEFT JOIN pg_catalog.pg_description d ON (p.oid=d.objoid)  LEFT JOIN pg_catalog.pg_class c ON (d.classoid=c.oid AND c.relname='pg_proc')  LEFT JOIN pg_catalog.pg_namespace pn ON (c.relnamespace=pn.oid AND pn.nspname='pg_catalog')  WHERE p.pronamespace=n.oid  AND p.prokind='p' AND p.proname LIKE '%' ORDER BY PROCEDURE_SCHEM, PROCEDURE_NAME, p.oid::text
;

-- postgresql
SELECT n.nspname,p.proname,p.prorettype,p.proargtypes, t.typtype,t.typrelid,  p.proargnames, p.proargmodes, p.proallargtypes, p.oid  FROM pg_catalog.pg_proc p, pg_catalog.pg_namespace n, pg_catalog.pg_type t  WHERE p.pronamespace=n.oid AND p.prorettype=t.oid  AND p.proname LIKE 'add' ORDER BY n.nspname, p.proname, p.oid::text
;

-- postgresql
SELECT n.nspname,c.relname,r.rolname,c.relacl, a.attacl,  a.attname  FROM pg_catalog.pg_namespace n, pg_catalog.pg_class c,  pg_catalog.pg_roles r, pg_catalog.pg_attribute a  WHERE c.relnamespace = n.oid  AND c.relowner = r.oid  AND c.oid = a.attrelid  AND c.relkind = 'r'  AND a.attnum > 0 AND NOT a.attisdropped  AND n.nspname = 'public' AND c.relname = 'users' AND a.attname LIKE '%' ORDER BY attname
;

-- postgresql
SELECT n.nspname,c.relname,r.rolname,c.relacl  FROM pg_catalog.pg_namespace n, pg_catalog.pg_class c, pg_catalog.pg_roles r  WHERE c.relnamespace = n.oid  AND c.relowner = r.oid  AND c.relkind IN ('r','p','v','m','f')  AND n.nspname LIKE 'public' AND c.relname LIKE 'users' ORDER BY nspname, relname
;

-- postgresql
select null as type_cat, n.nspname as type_schem, t.typname as type_name,  null as class_name, CASE WHEN t.typtype='c' then 2002 else 2001 end as data_type, pg_catalog.obj_description(t.oid, 'pg_type')  as remarks, CASE WHEN t.typtype = 'd' then  (select CASE when base_type.oid = 13312 then 2002 when base_type.oid = 4096 then 1111 when base_type.oid = 4097 then 2003 when base_type.oid = 12290 then 2003 when base_type.oid = 12291 then 2002 when base_type.oid = 1027 then 2003 when base_type.oid = 1028 then 2003 when base_type.oid = 13316 then 2003 when base_type.oid = 13317 then 2002 when base_type.oid = 12294 then 2003 when base_type.oid = 6150 then 2003 when base_type.oid = 12295 then 2002 when base_type.oid = 6151 then 2003 when base_type.oid = 6152 then 2003 when base_type.oid = 13321 then 2003 when base_type.oid = 6153 then 2003 when base_type.oid = 1033 then 1111 when base_type.oid = 1034 then 2003 when base_type.oid = 13322 then 2002 when base_type.oid = 12298 then 2003 when base_type.oid = 12299 then 2002 when base_type.oid = 6155 then 2003 when base_type.oid = 6157 then 2003 when base_type.oid = 13326 then 2003 when base_type.oid = 13327 then 2002 when base_type.oid = 12303 then 2003 when base_type.oid = 16 then -7 when base_type.oid = 12304 then 2002 when base_type.oid = 1040 then 2003 when base_type.oid = 17 then -2 when base_type.oid = 1041 then 2003 when base_type.oid = 18 then 1 when base_type.oid = 1042 then 1 when base_type.oid = 13330 then 2003 when base_type.oid = 1043 then 12 when base_type.oid = 19 then 12 when base_type.oid = 13331 then 2002 when base_type.oid = 20 then -5 when base_type.oid = 12308 then 2003 when base_type.oid = 21 then 5 when base_type.oid = 12309 then 2002 when base_type.oid = 22 then 1111 when base_type.oid = 23 then 4 when base_type.oid = 13335 then 2003 when base_type.oid = 24 then 1111 when base_type.oid = 13336 then 2002 when base_type.oid = 25 then 12 when base_type.oid = 12313 then 2003 when base_type.oid = 26 then -5 when base_type.oid = 12314 then 2002 when base_type.oid = 27 then 1111 when base_type.oid = 28 then 1111 when base_type.oid = 13340 then 2003 when base_type.oid = 13341 then 2002 when base_type.oid = 29 then 1111 when base_type.oid = 30 then 1111 when base_type.oid = 12318 then 2003 when base_type.oid = 12319 then 2002 when base_type.oid = 32 then 1111 when base_type.oid = 13345 then 2003 when base_type.oid = 13346 then 2002 when base_type.oid = 12323 then 2003 when base_type.oid = 12324 then 2002 when base_type.oid = 13349 then 2003 when base_type.oid = 13350 then 2002 when base_type.oid = 12328 then 2003 when base_type.oid = 12329 then 2002 when base_type.oid = 13354 then 2003 when base_type.oid = 13355 then 2002 when base_type.oid = 3115 then 1111 when base_type.oid = 12333 then 2003 when base_type.oid = 12334 then 2002 when base_type.oid = 13359 then 2003 when base_type.oid = 13360 then 2002 when base_type.oid = 12337 then 2003 when base_type.oid = 12338 then 2002 when base_type.oid = 13363 then 2003 when base_type.oid = 13364 then 2002 when base_type.oid = 13368 then 2003 when base_type.oid = 13369 then 2002 when base_type.oid = 1082 then 91 when base_type.oid = 1083 then 92 when base_type.oid = 13373 then 2003 when base_type.oid = 13374 then 2002 when base_type.oid = 13378 then 2003 when base_type.oid = 13379 then 2002 when base_type.oid = 13383 then 2003 when base_type.oid = 71 then 2002 when base_type.oid = 13384 then 2002 when base_type.oid = 13387 then 2003 when base_type.oid = 75 then 2002 when base_type.oid = 13388 then 2002 when base_type.oid = 13392 then 2003 when base_type.oid = 13393 then 2002 when base_type.oid = 81 then 2002 when base_type.oid = 83 then 2002 when base_type.oid = 13397 then 2003 when base_type.oid = 13398 then 2002 when base_type.oid = 1114 then 93 when base_type.oid = 13402 then 2003 when base_type.oid = 1115 then 2003 when base_type.oid = 13403 then 2002 when base_type.oid = 13407 then 2003 when base_type.oid = 4191 then 1111 when base_type.oid = 13408 then 2002 when base_type.oid = 4192 then 2003 when base_type.oid = 13412 then 2003 when base_type.oid = 13413 then 2002 when base_type.oid = 13417 then 2003 when base_type.oid = 13418 then 2002 when base_type.oid = 13422 then 2003 when base_type.oid = 13423 then 2002 when base_type.oid = 114 then 1111 when base_type.oid = 13426 then 2003 when base_type.oid = 13427 then 2002 when base_type.oid = 13431 then 2003 when base_type.oid = 13432 then 2002 when base_type.oid = 13436 then 2003 when base_type.oid = 13437 then 2002 when base_type.oid = 13441 then 2003 when base_type.oid = 13442 then 2002 when base_type.oid = 13446 then 2003 when base_type.oid = 13447 then 2002 when base_type.oid = 13451 then 2003 when base_type.oid = 13452 then 2002 when base_type.oid = 142 then 2009 when base_type.oid = 143 then 2003 when base_type.oid = 13455 then 2003 when base_type.oid = 13456 then 2002 when base_type.oid = 3220 then 1111 when base_type.oid = 13460 then 2003 when base_type.oid = 13461 then 2002 when base_type.oid = 3221 then 2003 when base_type.oid = 13464 then 2003 when base_type.oid = 2201 then 2003 when base_type.oid = 13465 then 2002 when base_type.oid = 2202 then 1111 when base_type.oid = 2203 then 1111 when base_type.oid = 2204 then 1111 when base_type.oid = 13469 then 2003 when base_type.oid = 2205 then 1111 when base_type.oid = 1182 then 2003 when base_type.oid = 2206 then 1111 when base_type.oid = 13470 then 2002 when base_type.oid = 1183 then 2003 when base_type.oid = 2207 then 2003 when base_type.oid = 1184 then 93 when base_type.oid = 2208 then 2003 when base_type.oid = 1185 then 2003 when base_type.oid = 2209 then 2003 when base_type.oid = 1186 then 1111 when base_type.oid = 13474 then 2003 when base_type.oid = 2210 then 2003 when base_type.oid = 2211 then 2003 when base_type.oid = 13475 then 2002 when base_type.oid = 1187 then 2003 when base_type.oid = 13479 then 2003 when base_type.oid = 13480 then 2002 when base_type.oid = 13484 then 2003 when base_type.oid = 13485 then 2002 when base_type.oid = 13489 then 2003 when base_type.oid = 13490 then 2002 when base_type.oid = 13494 then 2003 when base_type.oid = 13495 then 2002 when base_type.oid = 13499 then 2003 when base_type.oid = 13500 then 2002 when base_type.oid = 13504 then 2003 when base_type.oid = 13505 then 2002 when base_type.oid = 194 then 1111 when base_type.oid = 13508 then 2003 when base_type.oid = 13509 then 2002 when base_type.oid = 199 then 2003 when base_type.oid = 13512 then 2003 when base_type.oid = 13513 then 2002 when base_type.oid = 2249 then 1111 when base_type.oid = 13516 then 2003 when base_type.oid = 13517 then 2002 when base_type.oid = 1231 then 2003 when base_type.oid = 13520 then 2003 when base_type.oid = 13521 then 2002 when base_type.oid = 210 then 2003 when base_type.oid = 13525 then 2003 when base_type.oid = 13526 then 2002 when base_type.oid = 13529 then 2003 when base_type.oid = 13530 then 2002 when base_type.oid = 13533 then 2003 when base_type.oid = 13534 then 2002 when base_type.oid = 1248 then 2002 when base_type.oid = 13538 then 2003 when base_type.oid = 13539 then 2002 when base_type.oid = 2275 then 1111 when base_type.oid = 2276 then 1111 when base_type.oid = 2277 then 1111 when base_type.oid = 13542 then 2003 when base_type.oid = 2278 then 1111 when base_type.oid = 13543 then 2002 when base_type.oid = 2279 then 1111 when base_type.oid = 2280 then 1111 when base_type.oid = 2281 then 1111 when base_type.oid = 13546 then 2003 when base_type.oid = 13547 then 2002 when base_type.oid = 2283 then 1111 when base_type.oid = 3310 then 1111 when base_type.oid = 13551 then 2003 when base_type.oid = 2287 then 2003 when base_type.oid = 1263 then 2003 when base_type.oid = 13552 then 2002 when base_type.oid = 1266 then 92 when base_type.oid = 13556 then 2003 when base_type.oid = 13557 then 2002 when base_type.oid = 1270 then 2003 when base_type.oid = 269 then 1111 when base_type.oid = 270 then 2003 when base_type.oid = 271 then 2003 when base_type.oid = 272 then 2003 when base_type.oid = 273 then 2003 when base_type.oid = 3361 then 1111 when base_type.oid = 16688 then 2003 when base_type.oid = 16689 then 12 when base_type.oid = 16695 then 2003 when base_type.oid = 16696 then 2001 when base_type.oid = 16699 then 2003 when base_type.oid = 16700 then 2002 when base_type.oid = 16703 then 2003 when base_type.oid = 16704 then 2002 when base_type.oid = 325 then 1111 when base_type.oid = 3402 then 1111 when base_type.oid = 16718 then 2003 when base_type.oid = 16719 then 2002 when base_type.oid = 16734 then 2003 when base_type.oid = 16735 then 2002 when base_type.oid = 16738 then 2003 when base_type.oid = 16739 then 2002 when base_type.oid = 4451 then 1111 when base_type.oid = 16746 then 2003 when base_type.oid = 16747 then 2002 when base_type.oid = 16749 then 2003 when base_type.oid = 16750 then 2002 when base_type.oid = 3500 then 1111 when base_type.oid = 4532 then 1111 when base_type.oid = 4533 then 1111 when base_type.oid = 4534 then 1111 when base_type.oid = 4535 then 1111 when base_type.oid = 4536 then 1111 when base_type.oid = 4537 then 1111 when base_type.oid = 4538 then 1111 when base_type.oid = 4600 then 1111 when base_type.oid = 4601 then 1111 when base_type.oid = 1560 then -7 when base_type.oid = 1561 then 2003 when base_type.oid = 1562 then 1111 when base_type.oid = 1563 then 2003 when base_type.oid = 3614 then 1111 when base_type.oid = 3615 then 1111 when base_type.oid = 3642 then 1111 when base_type.oid = 3643 then 2003 when base_type.oid = 3644 then 2003 when base_type.oid = 3645 then 2003 when base_type.oid = 600 then 1111 when base_type.oid = 601 then 1111 when base_type.oid = 602 then 1111 when base_type.oid = 603 then 1111 when base_type.oid = 604 then 1111 when base_type.oid = 628 then 1111 when base_type.oid = 629 then 2003 when base_type.oid = 650 then 1111 when base_type.oid = 651 then 2003 when base_type.oid = 3734 then 1111 when base_type.oid = 3735 then 2003 when base_type.oid = 1700 then 2 when base_type.oid = 3769 then 1111 when base_type.oid = 3770 then 2003 when base_type.oid = 700 then 7 when base_type.oid = 701 then 8 when base_type.oid = 705 then 1111 when base_type.oid = 718 then 1111 when base_type.oid = 719 then 2003 when base_type.oid = 2776 then 1111 when base_type.oid = 3802 then 1111 when base_type.oid = 3807 then 2003 when base_type.oid = 12001 then 2003 when base_type.oid = 12002 then 2002 when base_type.oid = 12006 then 2003 when base_type.oid = 12007 then 2002 when base_type.oid = 12011 then 2003 when base_type.oid = 12012 then 2002 when base_type.oid = 12015 then 2003 when base_type.oid = 12016 then 2002 when base_type.oid = 12019 then 2003 when base_type.oid = 12020 then 2002 when base_type.oid = 3831 then 1111 when base_type.oid = 12024 then 2003 when base_type.oid = 12025 then 2002 when base_type.oid = 12029 then 2003 when base_type.oid = 1790 then 2012 when base_type.oid = 12030 then 2002 when base_type.oid = 3838 then 1111 when base_type.oid = 12034 then 2003 when base_type.oid = 12035 then 2002 when base_type.oid = 774 then 1111 when base_type.oid = 12039 then 2003 when base_type.oid = 775 then 2003 when base_type.oid = 12040 then 2002 when base_type.oid = 12044 then 2003 when base_type.oid = 12045 then 2002 when base_type.oid = 10000 then 2003 when base_type.oid = 12049 then 2003 when base_type.oid = 10001 then 2002 when base_type.oid = 12050 then 2002 when base_type.oid = 10002 then 2003 when base_type.oid = 10003 then 2002 when base_type.oid = 10004 then 2003 when base_type.oid = 10005 then 2002 when base_type.oid = 790 then 8 when base_type.oid = 12054 then 2003 when base_type.oid = 10006 then 2003 when base_type.oid = 791 then 2003 when base_type.oid = 12055 then 2002 when base_type.oid = 10007 then 2002 when base_type.oid = 10008 then 2003 when base_type.oid = 10009 then 2002 when base_type.oid = 10010 then 2003 when base_type.oid = 2842 then 2002 when base_type.oid = 12059 then 2003 when base_type.oid = 10011 then 2002 when base_type.oid = 2843 then 2002 when base_type.oid = 12060 then 2002 when base_type.oid = 10012 then 2003 when base_type.oid = 10013 then 2002 when base_type.oid = 10014 then 2003 when base_type.oid = 10015 then 2002 when base_type.oid = 12064 then 2003 when base_type.oid = 10016 then 2003 when base_type.oid = 12065 then 2002 when base_type.oid = 10017 then 2002 when base_type.oid = 10018 then 2003 when base_type.oid = 10019 then 2002 when base_type.oid = 10020 then 2003 when base_type.oid = 12069 then 2003 when base_type.oid = 10021 then 2002 when base_type.oid = 12070 then 2002 when base_type.oid = 10022 then 2003 when base_type.oid = 10023 then 2002 when base_type.oid = 10024 then 2003 when base_type.oid = 10025 then 2002 when base_type.oid = 12074 then 2003 when base_type.oid = 10026 then 2003 when base_type.oid = 12075 then 2002 when base_type.oid = 10027 then 2002 when base_type.oid = 10028 then 2003 when base_type.oid = 10029 then 2002 when base_type.oid = 12078 then 2003 when base_type.oid = 10030 then 2003 when base_type.oid = 12079 then 2002 when base_type.oid = 10031 then 2002 when base_type.oid = 10032 then 2003 when base_type.oid = 10033 then 2002 when base_type.oid = 12082 then 2003 when base_type.oid = 10034 then 2003 when base_type.oid = 12083 then 2002 when base_type.oid = 10035 then 2002 when base_type.oid = 10036 then 2003 when base_type.oid = 10037 then 2002 when base_type.oid = 12086 then 2003 when base_type.oid = 10038 then 2003 when base_type.oid = 12087 then 2002 when base_type.oid = 10039 then 2002 when base_type.oid = 10040 then 2003 when base_type.oid = 10041 then 2002 when base_type.oid = 10042 then 2003 when base_type.oid = 12091 then 2003 when base_type.oid = 10043 then 2002 when base_type.oid = 12092 then 2002 when base_type.oid = 10044 then 2003 when base_type.oid = 10045 then 2002 when base_type.oid = 829 then 1111 when base_type.oid = 10046 then 2003 when base_type.oid = 10047 then 2002 when base_type.oid = 12096 then 2003 when base_type.oid = 10048 then 2003 when base_type.oid = 3904 then 1111 when base_type.oid = 12097 then 2002 when base_type.oid = 10049 then 2002 when base_type.oid = 3905 then 2003 when base_type.oid = 10050 then 2003 when base_type.oid = 3906 then 1111 when base_type.oid = 10051 then 2002 when base_type.oid = 3907 then 2003 when base_type.oid = 12100 then 2003 when base_type.oid = 10052 then 2003 when base_type.oid = 3908 then 1111 when base_type.oid = 12101 then 2002 when base_type.oid = 10053 then 2003 when base_type.oid = 3909 then 2003 when base_type.oid = 10054 then 2002 when base_type.oid = 3910 then 1111 when base_type.oid = 10055 then 2003 when base_type.oid = 3911 then 2003 when base_type.oid = 10056 then 2002 when base_type.oid = 3912 then 1111 when base_type.oid = 12105 then 2003 when base_type.oid = 10057 then 2003 when base_type.oid = 3913 then 2003 when base_type.oid = 12106 then 2002 when base_type.oid = 10058 then 2003 when base_type.oid = 10059 then 2003 when base_type.oid = 10060 then 2002 when base_type.oid = 10061 then 2003 when base_type.oid = 10062 then 2002 when base_type.oid = 12111 then 2003 when base_type.oid = 10063 then 2003 when base_type.oid = 12112 then 2002 when base_type.oid = 10064 then 2002 when base_type.oid = 10065 then 2003 when base_type.oid = 10066 then 2002 when base_type.oid = 12115 then 2003 when base_type.oid = 10067 then 2003 when base_type.oid = 12116 then 2002 when base_type.oid = 10068 then 2002 when base_type.oid = 10069 then 2003 when base_type.oid = 10070 then 2002 when base_type.oid = 3926 then 1111 when base_type.oid = 12119 then 2003 when base_type.oid = 10071 then 2003 when base_type.oid = 3927 then 2003 when base_type.oid = 12120 then 2002 when base_type.oid = 10072 then 2002 when base_type.oid = 10073 then 2003 when base_type.oid = 10074 then 2002 when base_type.oid = 12123 then 2003 when base_type.oid = 10075 then 2003 when base_type.oid = 12124 then 2002 when base_type.oid = 10076 then 2002 when base_type.oid = 10077 then 2003 when base_type.oid = 10078 then 2002 when base_type.oid = 12127 then 2003 when base_type.oid = 10079 then 2003 when base_type.oid = 12128 then 2002 when base_type.oid = 10080 then 2002 when base_type.oid = 10081 then 2003 when base_type.oid = 10082 then 2002 when base_type.oid = 12131 then 2003 when base_type.oid = 10083 then 2003 when base_type.oid = 12132 then 2002 when base_type.oid = 10084 then 2002 when base_type.oid = 869 then 1111 when base_type.oid = 10085 then 2003 when base_type.oid = 10086 then 2002 when base_type.oid = 12135 then 2003 when base_type.oid = 10087 then 2003 when base_type.oid = 12136 then 2002 when base_type.oid = 10088 then 2002 when base_type.oid = 10089 then 2003 when base_type.oid = 10090 then 2002 when base_type.oid = 12139 then 2003 when base_type.oid = 10091 then 2003 when base_type.oid = 12140 then 2002 when base_type.oid = 10092 then 2002 when base_type.oid = 10093 then 2003 when base_type.oid = 10094 then 2003 when base_type.oid = 12143 then 2003 when base_type.oid = 10095 then 2002 when base_type.oid = 12144 then 2002 when base_type.oid = 10096 then 2003 when base_type.oid = 10097 then 2002 when base_type.oid = 10098 then 2003 when base_type.oid = 10099 then 2002 when base_type.oid = 12148 then 2003 when base_type.oid = 10100 then 2003 when base_type.oid = 12149 then 2002 when base_type.oid = 10101 then 2002 when base_type.oid = 10102 then 2003 when base_type.oid = 10103 then 2002 when base_type.oid = 10104 then 2003 when base_type.oid = 12153 then 2003 when base_type.oid = 10105 then 2002 when base_type.oid = 12154 then 2002 when base_type.oid = 10106 then 2003 when base_type.oid = 10107 then 2002 when base_type.oid = 10108 then 2003 when base_type.oid = 10109 then 2002 when base_type.oid = 12158 then 2003 when base_type.oid = 10110 then 2003 when base_type.oid = 12159 then 2002 when base_type.oid = 10111 then 2002 when base_type.oid = 10112 then 2003 when base_type.oid = 10113 then 2003 when base_type.oid = 12162 then 2003 when base_type.oid = 10114 then 2002 when base_type.oid = 12163 then 2002 when base_type.oid = 2949 then 2003 when base_type.oid = 2950 then 1111 when base_type.oid = 2951 then 2003 when base_type.oid = 12167 then 2003 when base_type.oid = 12168 then 2002 when base_type.oid = 12171 then 2003 when base_type.oid = 12172 then 2002 when base_type.oid = 12176 then 2003 when base_type.oid = 12177 then 2002 when base_type.oid = 12180 then 2003 when base_type.oid = 12181 then 2002 when base_type.oid = 12184 then 2003 when base_type.oid = 5017 then 1111 when base_type.oid = 12185 then 2002 when base_type.oid = 2970 then 1111 when base_type.oid = 12189 then 2003 when base_type.oid = 12190 then 2002 when base_type.oid = 12193 then 2003 when base_type.oid = 12194 then 2002 when base_type.oid = 13220 then 2003 when base_type.oid = 13221 then 2001 when base_type.oid = 12197 then 2003 when base_type.oid = 12198 then 2002 when base_type.oid = 13223 then 2003 when base_type.oid = 13224 then 2001 when base_type.oid = 13225 then 2003 when base_type.oid = 13226 then 2001 when base_type.oid = 12202 then 2003 when base_type.oid = 12203 then 2002 when base_type.oid = 13228 then 2003 when base_type.oid = 13229 then 2002 when base_type.oid = 12206 then 2003 when base_type.oid = 5038 then 1111 when base_type.oid = 13231 then 2003 when base_type.oid = 12207 then 2002 when base_type.oid = 5039 then 2003 when base_type.oid = 13232 then 2001 when base_type.oid = 13233 then 2003 when base_type.oid = 13234 then 2001 when base_type.oid = 12210 then 2003 when base_type.oid = 12211 then 2002 when base_type.oid = 13237 then 2003 when base_type.oid = 13238 then 2002 when base_type.oid = 12215 then 2003 when base_type.oid = 12216 then 2002 when base_type.oid = 13242 then 2003 when base_type.oid = 13243 then 2002 when base_type.oid = 12219 then 2003 when base_type.oid = 12220 then 2002 when base_type.oid = 13246 then 2003 when base_type.oid = 13247 then 2002 when base_type.oid = 12223 then 2003 when base_type.oid = 12224 then 2002 when base_type.oid = 13251 then 2003 when base_type.oid = 13252 then 2002 when base_type.oid = 12228 then 2003 when base_type.oid = 12229 then 2002 when base_type.oid = 13256 then 2003 when base_type.oid = 13257 then 2002 when base_type.oid = 12233 then 2003 when base_type.oid = 12234 then 2002 when base_type.oid = 13261 then 2003 when base_type.oid = 12237 then 2003 when base_type.oid = 5069 then 1111 when base_type.oid = 13262 then 2002 when base_type.oid = 12238 then 2002 when base_type.oid = 12241 then 2003 when base_type.oid = 13266 then 2003 when base_type.oid = 12242 then 2002 when base_type.oid = 13267 then 2002 when base_type.oid = 12245 then 2003 when base_type.oid = 6101 then 2002 when base_type.oid = 5077 then 1111 when base_type.oid = 12246 then 2002 when base_type.oid = 5078 then 1111 when base_type.oid = 13271 then 2003 when base_type.oid = 5079 then 1111 when base_type.oid = 13272 then 2002 when base_type.oid = 5080 then 1111 when base_type.oid = 12250 then 2003 when base_type.oid = 12251 then 2002 when base_type.oid = 13276 then 2003 when base_type.oid = 13277 then 2002 when base_type.oid = 12254 then 2003 when base_type.oid = 12255 then 2002 when base_type.oid = 13281 then 2003 when base_type.oid = 13282 then 2002 when base_type.oid = 12258 then 2003 when base_type.oid = 4066 then 2002 when base_type.oid = 12259 then 2002 when base_type.oid = 13286 then 2003 when base_type.oid = 13287 then 2002 when base_type.oid = 12263 then 2003 when base_type.oid = 1000 then 2003 when base_type.oid = 12264 then 2002 when base_type.oid = 4072 then 1111 when base_type.oid = 1001 then 2003 when base_type.oid = 4073 then 2003 when base_type.oid = 1002 then 2003 when base_type.oid = 1003 then 2003 when base_type.oid = 13291 then 2003 when base_type.oid = 12267 then 2003 when base_type.oid = 13292 then 2002 when base_type.oid = 12268 then 2002 when base_type.oid = 1005 then 2003 when base_type.oid = 1006 then 2003 when base_type.oid = 1007 then 2003 when base_type.oid = 13296 then 2003 when base_type.oid = 12272 then 2003 when base_type.oid = 1008 then 2003 when base_type.oid = 1009 then 2003 when base_type.oid = 13297 then 2002 when base_type.oid = 12273 then 2002 when base_type.oid = 1010 then 2003 when base_type.oid = 1011 then 2003 when base_type.oid = 12276 then 2003 when base_type.oid = 1012 then 2003 when base_type.oid = 13301 then 2003 when base_type.oid = 12277 then 2002 when base_type.oid = 1013 then 2003 when base_type.oid = 1014 then 2003 when base_type.oid = 13302 then 2002 when base_type.oid = 1015 then 2003 when base_type.oid = 1016 then 2003 when base_type.oid = 1017 then 2003 when base_type.oid = 12281 then 2003 when base_type.oid = 4089 then 1111 when base_type.oid = 13306 then 2003 when base_type.oid = 12282 then 2002 when base_type.oid = 4090 then 2003 when base_type.oid = 1018 then 2003 when base_type.oid = 13307 then 2002 when base_type.oid = 1019 then 2003 when base_type.oid = 1020 then 2003 when base_type.oid = 1021 then 2003 when base_type.oid = 1022 then 2003 when base_type.oid = 12286 then 2003 when base_type.oid = 13311 then 2003 when base_type.oid = 12287 then 2002 else 1111 end from pg_type base_type where base_type.oid=t.typbasetype) else null end as base_type from pg_catalog.pg_type t, pg_catalog.pg_namespace n where t.typnamespace = n.oid and n.nspname != 'pg_catalog' and n.nspname != 'pg_toast' and t.typtype IN ('c','d')  and t.typname like '%' order by data_type, type_schem, type_name
;

-- postgresql
SELECT t.typlen FROM pg_catalog.pg_type t, pg_catalog.pg_namespace n WHERE t.typnamespace=n.oid AND t.typname='name' AND n.nspname='pg_catalog'
;

-- postgresql
select current_schema()
;

-- postgresql
SET SESSION search_path TO 'public'
;

-- postgresql
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE
;

-- postgresql
BEGIN READ ONLY
;

-- postgresql
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED
;

-- postgresql
SAVEPOINT "s1"
;

-- postgresql
ROLLBACK TO SAVEPOINT "s1"
;

-- postgresql
RELEASE SAVEPOINT JDBC_SAVEPOINT_0
;

-- postgresql
insert into users(name,email,tags,created,uid,balance) values ($1,$2,$3,$4,$5,$6)
RETURNING *
;

-- postgresql
SELECT c.oid, a.attnum, a.attname, c.relname, n.nspname, a.attnotnull OR (t.typtype = 'd' AND t.typnotnull), a.attidentity != '' OR pg_catalog.pg_get_expr(d.adbin, d.adrelid) LIKE '%nextval(%' FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON (c.relnamespace = n.oid) JOIN pg_catalog.pg_attribute a ON (c.oid = a.attrelid) JOIN pg_catalog.pg_type t ON (a.atttypid = t.oid) LEFT JOIN pg_catalog.pg_attrdef d ON (d.adrelid = a.attrelid AND d.adnum = a.attnum) JOIN (SELECT 16702 AS oid , 1 AS attnum UNION ALL SELECT 16702, 2 UNION ALL SELECT 16702, 3 UNION ALL SELECT 16702, 4 UNION ALL SELECT 16702, 5 UNION ALL SELECT 16702, 6 UNION ALL SELECT 16702, 7 UNION ALL SELECT 16702, 8 UNION ALL SELECT 16702, 9 UNION ALL SELECT 16702, 10) vals ON (c.oid = vals.oid AND a.attnum = vals.attnum)
;

-- postgresql
select id,name from users
;

-- postgresql
UPDATE users SET  "name" = $1 WHERE "id" = $2
;

-- postgresql
select id from users
;

-- postgresql
select upper('a'), now(), DATE '2020-01-01', extract( day from ( now()- now()))
;

-- postgresql
copy users to stdout
;

-- postgresql
select m, data, tags, (row(1,2)), add(1,2), '1 day'::interval from users
;

-- postgresql
SELECT ns.nspname, t.oid, t.typname, t.typtype, t.typnotnull, t.elemtypoid
FROM (
    -- Arrays have typtype=b - this subquery identifies them by their typreceive and converts their typtype to a
    -- We first do this for the type (innerest-most subquery), and then for its element type
    -- This also returns the array element, range subtype and domain base type as elemtypoid
    SELECT
        typ.oid, typ.typnamespace, typ.typname, typ.typtype, typ.typrelid, typ.typnotnull, typ.relkind,
        elemtyp.oid AS elemtypoid, elemtyp.typname AS elemtypname, elemcls.relkind AS elemrelkind,
        CASE WHEN elemproc.proname='array_recv' THEN 'a' ELSE elemtyp.typtype END AS elemtyptype
        , typ.typcategory
    FROM (
        SELECT typ.oid, typnamespace, typname, typrelid, typnotnull, relkind, typelem AS elemoid,
            CASE WHEN proc.proname='array_recv' THEN 'a' ELSE typ.typtype END AS typtype,
            CASE
                WHEN proc.proname='array_recv' THEN typ.typelem
                WHEN typ.typtype='r' THEN rngsubtype
                WHEN typ.typtype='m' THEN (SELECT rngtypid FROM pg_range WHERE rngmultitypid = typ.oid)
                WHEN typ.typtype='d' THEN typ.typbasetype
            END AS elemtypoid
            , typ.typcategory
        FROM pg_type AS typ
        LEFT JOIN pg_class AS cls ON (cls.oid = typ.typrelid)
        LEFT JOIN pg_proc AS proc ON proc.oid = typ.typreceive
        LEFT JOIN pg_range ON (pg_range.rngtypid = typ.oid)
    ) AS typ
    LEFT JOIN pg_type AS elemtyp ON elemtyp.oid = elemtypoid
    LEFT JOIN pg_class AS elemcls ON (elemcls.oid = elemtyp.typrelid)
    LEFT JOIN pg_proc AS elemproc ON elemproc.oid = elemtyp.typreceive
) AS t
JOIN pg_namespace AS ns ON (ns.oid = typnamespace)
WHERE
    
    (typtype IN ('b', 'r', 'm', 'e', 'd') OR -- Base, range, multirange, enum, domain
    (typtype = 'c' AND relkind='c') OR -- User-defined free-standing composites (not table composites) by default
    (typtype = 'p' AND typname IN ('record', 'void', 'unknown')) OR -- Some special supported pseudo-types
    (typtype = 'a' AND (  -- Array of...
        elemtyptype IN ('b', 'r', 'm', 'e', 'd') OR -- Array of base, range, multirange, enum, domain
        (elemtyptype = 'p' AND elemtypname IN ('record', 'void')) OR -- Arrays of special supported pseudo-types
        (elemtyptype = 'c' AND elemrelkind='c') -- Array of user-defined free-standing composites (not table composites) by default
    )))
ORDER BY CASE
       WHEN typtype IN ('b', 'e', 'p') THEN 0           -- First base types, enums, pseudo-types
       WHEN typtype = 'c' THEN 1                        -- Composites after (fields loaded later in 2nd pass)
       WHEN typtype = 'r' THEN 2                        -- Ranges after
       WHEN typtype = 'm' THEN 3                        -- Multiranges after
       WHEN typtype = 'd' AND elemtyptype <> 'a' THEN 4 -- Domains over non-arrays after
       WHEN typtype = 'a' THEN 5                        -- Arrays after
       WHEN typtype = 'd' AND elemtyptype = 'a' THEN 6  -- Domains over arrays last
END
;

-- postgresql
SELECT typ.oid, att.attname, att.atttypid
FROM pg_type AS typ
JOIN pg_namespace AS ns ON (ns.oid = typ.typnamespace)
JOIN pg_class AS cls ON (cls.oid = typ.typrelid)
JOIN pg_attribute AS att ON (att.attrelid = typ.typrelid)
WHERE
  (typ.typtype = 'c' AND cls.relkind='c') AND
  
  attnum > 0 AND     -- Don't load system attributes
  NOT attisdropped
ORDER BY typ.oid, att.attnum
;

-- postgresql
INSERT INTO users(name,email,tags,data,balance,uid,created) VALUES ($1,$2,$3,$4,$5,$6,$7) RETURNING id
;

-- postgresql
SELECT * FROM users WHERE id = ANY($1) AND active=$2
;

-- postgresql
DISCARD ALL
;

-- postgresql
UPDATE users SET name='q' WHERE id=1
;

-- postgresql
COPY users (name) FROM STDIN (FORMAT BINARY)
;

-- postgresql
COPY users (id,name) TO STDOUT (FORMAT BINARY)
;

-- postgresql
SAVEPOINT sp
;

-- postgresql
ROLLBACK TO SAVEPOINT sp
;

-- postgresql
BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED
;

-- postgresql
BEGIN ISOLATION LEVEL REPEATABLE READ
;

-- postgresql
BEGIN TRANSACTION ISOLATION LEVEL READ UNCOMMITTED
;

-- postgresql
SELECT * FROM (
    SELECT current_database(), nspname, r.rolname
    FROM pg_catalog.pg_namespace
    LEFT JOIN pg_catalog.pg_roles r ON r.oid = nspowner
) tmp
;

-- postgresql
SELECT table_catalog, table_schema, table_name, table_type
FROM information_schema.tables
WHERE
    table_type IN ('BASE TABLE', 'FOREIGN', 'FOREIGN TABLE') AND
    table_schema NOT IN ('pg_catalog', 'information_schema')
;

-- postgresql
SELECT table_catalog, table_schema, table_name, check_option, is_updatable
FROM information_schema.views
WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
;

-- postgresql
SELECT usename, usesysid FROM pg_catalog.pg_user
;

-- postgresql
SELECT
    current_database(),
    t_ns.nspname,
    ix_cls.relname,
    current_database(),
    ix_ns.nspname,
    t.relname,
    a.attname,
    ix_cls.relname
FROM
    pg_class t
    JOIN pg_index ix ON t.oid = ix.indrelid
    JOIN pg_class ix_cls ON ix.indexrelid = ix_cls.oid
    JOIN pg_attribute a ON t.oid = a.attrelid
    LEFT JOIN pg_namespace t_ns ON t.relnamespace = t_ns.oid
    LEFT JOIN pg_namespace ix_ns ON ix_cls.relnamespace = ix_ns.oid
WHERE
    ix_cls.relkind = 'i' AND
    t_ns.nspname NOT IN ('pg_catalog', 'pg_toast') AND
    a.attnum = ANY(ix.indkey) AND
    t.relkind = 'r'
;

-- postgresql
SELECT
    current_database(),
    pgn.nspname,
    pgc.conname,
    current_database(),
    pgtn.nspname,
    pgt.relname,
    constraint_type,
    pgc.condeferrable,
    pgc.condeferred
FROM
    pg_catalog.pg_constraint pgc
    JOIN pg_catalog.pg_namespace pgn ON pgc.connamespace = pgn.oid
    JOIN pg_catalog.pg_class pgt ON pgc.conrelid = pgt.oid
    JOIN pg_catalog.pg_namespace pgtn ON pgt.relnamespace = pgtn.oid
    JOIN (
        SELECT 'PRIMARY KEY' AS constraint_type, 'p' AS contype
        UNION ALL
        SELECT 'FOREIGN KEY' AS constraint_type, 'f' AS contype
        UNION ALL
        SELECT 'UNIQUE KEY' AS constraint_type, 'u' AS contype
) mapping_table ON mapping_table.contype = pgc.contype
;

-- postgresql
SELECT current_database(),
    n.nspname,
    c.conname,
    current_database(),
    n.nspname,
    t.relname,
    a.attname,
    a.attnum,
    mapping_table.constraint_type
FROM pg_constraint c
    JOIN pg_namespace n on n.oid = c.connamespace
    JOIN pg_class t on t.oid = c.conrelid AND t.relkind = 'r'
    JOIN pg_attribute a on t.oid = a.attrelid AND a.attnum = ANY(c.conkey)
    JOIN (
        SELECT 'PRIMARY KEY' AS constraint_type, 'p' AS contype
        UNION ALL
        SELECT 'FOREIGN KEY' AS constraint_type, 'f' AS contype
        UNION ALL
        SELECT 'UNIQUE KEY' AS constraint_type, 'u' AS contype
) mapping_table ON
    mapping_table.contype = c.contype
    AND n.nspname NOT IN ('pg_catalog', 'pg_toast')
;

-- postgresql
SELECT current_database(), schemaname, matviewname, matviewowner, hasindexes, ispopulated FROM pg_catalog.pg_matviews
;

-- postgresql
SELECT
    table_catalog,
    table_schema,
    table_name,
    column_name,
    ordinal_position,
    column_default,
    is_nullable,
    CASE WHEN udt_schema is NULL THEN udt_name ELSE format_type(typ.oid, NULL) END,
    character_maximum_length,
    character_octet_length,
    numeric_precision,
    numeric_precision_radix,
    numeric_scale,
    datetime_precision,
    character_set_catalog,
    character_set_schema,
    character_set_name,
    collation_catalog
FROM information_schema.columns
JOIN pg_namespace AS ns ON ns.nspname = udt_schema
JOIN pg_type AS typ ON typnamespace = ns.oid AND typname = udt_name WHERE table_schema = $1 AND table_name = $2
;

-- postgresql
SELECT
CASE
	WHEN pg_proc.proargnames IS NULL THEN array_cat(array_fill(''::name,ARRAY[pg_proc.pronargs]),array_agg(pg_attribute.attname ORDER BY pg_attribute.attnum))
	ELSE pg_proc.proargnames
END AS proargnames,
pg_proc.proargtypes,
CASE
	WHEN pg_proc.proallargtypes IS NULL AND (array_agg(pg_attribute.atttypid))[1] IS NOT NULL THEN array_cat(string_to_array(pg_proc.proargtypes::text,' ')::oid[],array_agg(pg_attribute.atttypid ORDER BY pg_attribute.attnum))
	ELSE pg_proc.proallargtypes
END AS proallargtypes,
CASE
	WHEN pg_proc.proargmodes IS NULL AND (array_agg(pg_attribute.atttypid))[1] IS NOT NULL THEN array_cat(array_fill('i'::"char",ARRAY[pg_proc.pronargs]),array_fill('o'::"char",ARRAY[array_length(array_agg(pg_attribute.atttypid), 1)]))
    ELSE pg_proc.proargmodes
END AS proargmodes
FROM pg_proc
LEFT JOIN pg_type ON pg_proc.prorettype = pg_type.oid
LEFT JOIN pg_attribute ON pg_type.typrelid = pg_attribute.attrelid AND pg_attribute.attnum >= 1 AND NOT pg_attribute.attisdropped
WHERE pg_proc.oid = $1::regproc
GROUP BY pg_proc.proargnames, pg_proc.proargtypes, pg_proc.proallargtypes, pg_proc.proargmodes, pg_proc.pronargs
;

-- postgresql
NOTIFY ch, 'hi'
;

-- postgresql
UNLISTEN *
;

-- postgresql
SELECT current_setting('search_path')
;

-- postgresql
SELECT version()
;

-- postgresql
SELECT typ.oid, enumlabel
FROM pg_enum
JOIN pg_type AS typ ON typ.oid = enumtypid
JOIN pg_namespace AS ns ON ns.oid = typ.typnamespace

ORDER BY oid, enumsortorder
;

-- postgresql
LOCK TABLE "__EFMigrationsHistory" IN ACCESS EXCLUSIVE MODE
;

-- postgresql
INSERT INTO users(name,email,tags,data,created) VALUES($1,$2,$3,$4,$5) RETURNING *
;

-- postgresql
SELECT NOW()
;

-- postgresql
select version()
;

-- postgresql
comment on table "u" is 'hello'
;

-- postgresql
create index "u_name_index" on "u" ("name")
;

-- postgresql
alter table "u" add constraint "u_name_e_unique" unique ("name", "e")
;

-- postgresql
select * from information_schema.tables where table_name = $1 and table_schema = current_schema()
;

-- postgresql
select * from information_schema.columns where table_name = $1 and table_catalog = current_database() and table_schema = current_schema()
;

-- postgresql
alter table "u" add column "x" varchar(20)
;

-- postgresql
SELECT * FROM current_schema()
;

-- postgresql
START TRANSACTION
;

-- postgresql
SELECT * FROM current_database()
;

-- postgresql
SELECT * FROM "information_schema"."tables" WHERE "table_schema" = $1 AND "table_name" = $2
;

-- postgresql
SELECT "n"."nspname", "t"."typname" FROM "pg_type" "t" INNER JOIN "pg_namespace" "n" ON "n"."oid" = "t"."typnamespace" WHERE "n"."nspname" = 'public' AND "t"."typname" = 'users_e_enum'
;

-- postgresql
CREATE TABLE "users" ("id" SERIAL NOT NULL, "name" character varying(50) NOT NULL, "uid" uuid NOT NULL DEFAULT uuid_generate_v4(), "ts" TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(), "js" jsonb, "e" "public"."users_e_enum" NOT NULL DEFAULT 'a', "d" numeric(10,2) NOT NULL DEFAULT '0', CONSTRAINT "PK_a3ffb1c0c8416b9fc6f907b7433" PRIMARY KEY ("id"))
;

-- postgresql
CREATE UNIQUE INDEX "IDX_51b8b26ac168fbe7d6f5653e6c" ON "users"  ("name")
;

-- postgresql
ALTER TABLE "ord" ADD CONSTRAINT "FK_3bfcca39d4c4e7a00969fb15c13" FOREIGN KEY ("uId") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE NO ACTION
;

-- postgresql
INSERT INTO "ord"("id", "t", "uId") VALUES (DEFAULT, $1, $2) RETURNING "id", "t"
;

-- postgresql
SELECT DISTINCT "distinctAlias"."U_id" AS "ids_U_id", "distinctAlias"."U_id" FROM (SELECT "U"."id" AS "U_id", "U"."name" AS "U_name", "U"."uid" AS "U_uid", "U"."ts" AS "U_ts", "U"."js" AS "U_js", "U"."e" AS "U_e", "U"."d" AS "U_d", "U__U_o"."id" AS "U__U_o_id", "U__U_o"."t" AS "U__U_o_t", "U__U_o"."uId" AS "U__U_o_uId" FROM "users" "U" LEFT JOIN "ord" "U__U_o" ON "U__U_o"."uId"="U"."id" WHERE (("U"."name" = $1))) "distinctAlias" ORDER BY "distinctAlias"."U_id" DESC, "U_id" ASC LIMIT 2 OFFSET 0
;

-- postgresql
SELECT "U"."id" AS "U_id", "U"."name" AS "U_name", "U"."uid" AS "U_uid", "U"."ts" AS "U_ts", "U"."js" AS "U_js", "U"."e" AS "U_e", "U"."d" AS "U_d" FROM "users" "U" LIMIT 1
;

-- postgresql
SELECT COUNT(1) AS "cnt" FROM "users" "U"
;

-- postgresql
INSERT INTO "users"("name", "uid", "ts", "js", "e", "d") VALUES ($1, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT) ON CONFLICT ( "name" ) DO UPDATE SET "name" = EXCLUDED."name" RETURNING "id", "uid", "ts", "e", "d"
;

-- postgresql
SET TRANSACTION ISOLATION LEVEL SERIALIZABLE
;

-- postgresql
CREATE TABLE "migrations" ("id" SERIAL NOT NULL, "timestamp" bigint NOT NULL, "name" character varying NOT NULL, CONSTRAINT "PK_8c82d7f526340ab734260ea46be" PRIMARY KEY ("id"))
;

-- postgresql
SELECT * FROM "migrations" "migrations" ORDER BY "id" DESC
;

-- postgresql
INSERT INTO "migrations"("timestamp", "name") VALUES ($1, $2)
;

-- postgresql
SELECT TRUE FROM information_schema.columns WHERE table_name = 'pg_class' and column_name = 'relispartition'
;

-- postgresql
SELECT "ns"."nspname" AS "table_schema", "t"."relname" AS "table_name", "cnst"."conname" AS "constraint_name", pg_get_constraintdef("cnst"."oid") AS "expression", CASE "cnst"."contype" WHEN 'p' THEN 'PRIMARY' WHEN 'u' THEN 'UNIQUE' WHEN 'c' THEN 'CHECK' WHEN 'x' THEN 'EXCLUDE' END AS "constraint_type", "a"."attname" AS "column_name" FROM "pg_constraint" "cnst" INNER JOIN "pg_class" "t" ON "t"."oid" = "cnst"."conrelid" INNER JOIN "pg_namespace" "ns" ON "ns"."oid" = "cnst"."connamespace" LEFT JOIN "pg_attribute" "a" ON "a"."attrelid" = "cnst"."conrelid" AND "a"."attnum" = ANY ("cnst"."conkey") WHERE "t"."relkind" IN ('r', 'p') AND (("ns"."nspname" = 'public' AND "t"."relname" = 'users') OR ("ns"."nspname" = 'public' AND "t"."relname" = 'ord'))
;

-- postgresql
SELECT "udt_schema", "udt_name" FROM "information_schema"."columns" WHERE "table_schema" = 'public' AND "table_name" = 'users' AND "column_name"='e'
;

-- postgresql
SELECT "e"."enumlabel" AS "value" FROM "pg_enum" "e" INNER JOIN "pg_type" "t" ON "t"."oid" = "e"."enumtypid" INNER JOIN "pg_namespace" "n" ON "n"."oid" = "t"."typnamespace" WHERE "n"."nspname" = 'public' AND "t"."typname" = 'users_e_enum' ORDER BY "e"."enumsortorder"
;

-- postgresql
SELECT quote_ident(schemaname) || '.' || quote_ident(viewname) as "name" FROM "pg_views" WHERE "schemaname" = ANY($1) AND "viewname" NOT IN ('geography_columns', 'geometry_columns', 'raster_columns', 'raster_overviews')
;

-- postgresql
SELECT quote_ident(schemaname) || '.' || quote_ident(matviewname) as "name" FROM "pg_matviews" WHERE "schemaname" = ANY($1)
;

-- postgresql
DROP TABLE IF EXISTS public.users, public.ord, public.migrations CASCADE
;

-- postgresql
SELECT quote_ident(n.nspname) || '.' || quote_ident(t.typname) as "name" FROM "pg_type" "t" INNER JOIN "pg_enum" "e" ON "e"."enumtypid" = "t"."oid" INNER JOIN "pg_namespace" "n" ON "n"."oid" = "t"."typnamespace" WHERE "n"."nspname" = ANY($1) GROUP BY "n"."nspname", "t"."typname"
;

-- postgresql
CREATE TABLE IF NOT EXISTS "users" ("id" serial PRIMARY KEY NOT NULL,"name" text NOT NULL,"ts" timestamp DEFAULT now(),"js" jsonb,"p" integer)
;

-- postgresql
CREATE SCHEMA IF NOT EXISTS "drizzle"
;

-- postgresql
select id, hash, created_at from "drizzle"."__drizzle_migrations" order by created_at desc limit 1
;

-- postgresql
begin
;

-- postgresql
ALTER TABLE "zz" ADD CONSTRAINT "fk" FOREIGN KEY ("id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action
;

-- postgresql
insert into "drizzle"."__drizzle_migrations" ("hash", "created_at") values($1, $2)
;

-- postgresql
insert into "users" ("id", "name", "ts", "js", "p") values (default, $1, default, default, default), (default, $2, default, default, default) returning "id", "name", "ts", "js", "p"
;

-- postgresql
update "users" set "name" = $1 where "users"."id" = $2
;

-- postgresql
begin isolation level read committed
;

-- postgresql
savepoint sp1
;

-- postgresql
delete from "users" where "users"."id" = $1
;

-- postgresql
alter table "u" drop column "js"
;

-- postgresql
alter table "u" drop constraint "u_name_e_unique"
;

-- postgresql
alter table "u" alter column "nm" drop not null
;

-- postgresql
alter table "u" alter column "nm" type text using ("nm"::text)
;

-- postgresql
insert into "u" ("id", "nm") values ($1, $2) on conflict ("id") do update set "id" = excluded."id", "nm" = excluded."nm"
;

-- postgresql
insert into "u" ("id") values ($1) on conflict do nothing
;

-- postgresql
update "u" set "nm" = $1, "p" = "p" + $2 where "id" = $3
;

-- postgresql
select count(*) as "c" from "u" limit $1
;

-- postgresql
select * from "u" where "id" = $1 for update
;

-- postgresql
SAVEPOINT trx3
;

-- postgresql
RELEASE SAVEPOINT trx3
;

-- postgresql
create table "knex_migrations" ("id" serial primary key, "name" varchar(255), "batch" integer, "migration_time" timestamptz)
;

-- postgresql
create table "knex_migrations_lock" ("index" serial primary key, "is_locked" integer)
;

-- postgresql
insert into "knex_migrations_lock" ("is_locked") values ($1)
;

-- postgresql
select "name" from "knex_migrations" order by "id" asc
;

-- postgresql
select max("batch") as "max_batch" from "knex_migrations"
;

-- postgresql
create table "z" ("id" uuid, constraint "z_pkey" primary key ("id"))
;

-- postgresql
update "knex_migrations_lock" set "is_locked" = $1
;

-- postgresql
truncate "u" restart identity
;

-- postgresql
SELECT "u"."id" AS "u_id", "u"."name" AS "u_name", "u"."uid" AS "u_uid", "u"."ts" AS "u_ts", "u"."js" AS "u_js", "u"."e" AS "u_e", "u"."d" AS "u_d", "o"."id" AS "o_id", "o"."t" AS "o_t", "o"."uId" AS "o_uId" FROM "users" "u" LEFT JOIN "ord" "o" ON "o"."uId"="u"."id" WHERE "u"."id" IN ($1, $2) AND "u"."name" ILIKE $3
;

-- postgresql
DO $EF$
BEGIN
    IF NOT EXISTS(SELECT 1 FROM pg_namespace WHERE nspname = 'aux') THEN
        CREATE SCHEMA aux;
    END IF;
END $EF$
;

-- postgresql
CREATE TABLE blogs (
    id integer GENERATED BY DEFAULT AS IDENTITY,
    "Title" character varying(200),
    "Tags" text[],
    "Created" timestamp with time zone NOT NULL DEFAULT (now()),
    "Score" numeric(12,2) NOT NULL DEFAULT 0.0,
    "Uid" uuid NOT NULL,
    "D" date,
    "T" time without time zone,
    "Bin" bytea,
    "Iv" interval,
    "Dbl" double precision NOT NULL,
    "Flag" boolean NOT NULL,
    "Big" bigint NOT NULL,
    "Meta" jsonb,
    CONSTRAINT "PK_blogs" PRIMARY KEY (id),
    CONSTRAINT ck_s CHECK ("Score" >= 0)
)
;

-- postgresql
COMMENT ON TABLE blogs IS 'blogs tbl'
;

-- postgresql
CREATE INDEX "IX_posts_bk" ON posts ("BlogId", "Kind" DESC)
;

-- postgresql
CREATE UNIQUE INDEX "IX_t" ON blogs ("Title") WHERE "Title" IS NOT NULL
;

-- postgresql
INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20260101000000_Init', '10.0.5')
;

-- postgresql
ALTER TABLE blogs ADD "Extra" text NOT NULL DEFAULT 'it''s'
;

-- postgresql
UPDATE posts SET "Body" = '' WHERE "Body" IS NULL
;

-- postgresql
ALTER TABLE posts ALTER COLUMN "Body" SET NOT NULL
;

-- postgresql
ALTER TABLE blogs RENAME COLUMN "Extra" TO "Extra2"
;

-- postgresql
ALTER TABLE blogs DROP COLUMN "Extra2"
;

-- postgresql
DROP INDEX "IX_posts_bk"
;

-- postgresql
ALTER TABLE posts ADD CONSTRAINT "AK_x" UNIQUE ("BlogId", "Id")
;

-- postgresql
ALTER TABLE posts ADD CONSTRAINT "FK2" FOREIGN KEY ("BlogId") REFERENCES blogs (id)
;

-- postgresql
ALTER TABLE posts DROP CONSTRAINT "AK_x"
;

-- postgresql
ALTER TABLE posts2 RENAME TO posts
;

-- postgresql
CREATE VIEW v AS SELECT id FROM blogs
;

-- postgresql
ALTER TABLE posts DROP CONSTRAINT "PK_posts"
;

-- postgresql
ALTER TABLE posts ADD CONSTRAINT "PK_p" PRIMARY KEY ("Id")
;

-- postgresql
ALTER TABLE posts DROP CONSTRAINT ck2
;

-- postgresql
ALTER SEQUENCE order_no INCREMENT BY 7 NO MINVALUE NO MAXVALUE NO CYCLE
;

-- postgresql
ALTER SEQUENCE order_no RESTART
;

-- postgresql
DROP SEQUENCE order_no
;

-- postgresql
DELETE FROM blogs
WHERE id = 100
;

-- postgresql
CREATE TYPE mood AS ENUM ('a', 'b')
;

-- postgresql
INSERT INTO blogs ("Meta", "Big", "Bin", "Created", "D", "Dbl", "Flag", "Iv", "Score", "T", "Tags", "Title", "Uid")
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
RETURNING id
;

-- postgresql
INSERT INTO posts ("BlogId", "Body", "Kind")
VALUES ($1, $2, $3)
RETURNING "Id", xmin
;

-- postgresql
UPDATE blogs SET "Title" = $1
WHERE id = $2
;

-- postgresql
SELECT p."Id", p."BlogId", p."Body", p."Kind", p.xmin
FROM posts AS p
ORDER BY p."Id"
LIMIT 1
;

-- postgresql
SELECT b.id, b."Big", b."Bin", b."Created", b."D", b."Dbl", b."Flag", b."Iv", b."Score", b."T", b."Tags", b."Title", b."Uid", b."Meta", p."Id", p."BlogId", p."Body", p."Kind", p.xmin
FROM blogs AS b
LEFT JOIN posts AS p ON b.id = p."BlogId"
WHERE b.id = ANY ($1)
ORDER BY b.id
;

-- postgresql
SELECT count(*)::int
FROM blogs AS b
WHERE b."Title" ILIKE $1 ESCAPE '' OR b."Title" LIKE 'b%' OR b."Title" LIKE $2 OR b."Title" LIKE '%q%' OR b."Title" LIKE $3
;

-- postgresql
SELECT b0."Key", count(*)::int AS "C", COALESCE(sum(b0."Score"), 0.0) AS "S", avg(b0."Score"::double precision) AS "A", max(b0.id) AS "M"
FROM (
    SELECT b.id, b."Score", date_trunc('day', b."Created", 'UTC') AS "Key"
    FROM blogs AS b
) AS b0
GROUP BY b0."Key"
HAVING count(*)::int > 0
;

-- postgresql
SELECT b."Meta" ->> 'K'
FROM blogs AS b
WHERE (b."Meta" ->> 'K') = 'k'
;

-- postgresql
SELECT b.id, p1."Id", p1."BlogId", p1."Body", p1."Kind", p1.xmin
FROM blogs AS b
LEFT JOIN (
    SELECT p0."Id", p0."BlogId", p0."Body", p0."Kind", p0.xmin
    FROM (
        SELECT p."Id", p."BlogId", p."Body", p."Kind", p.xmin, ROW_NUMBER() OVER(PARTITION BY p."BlogId" ORDER BY p."Id" DESC) AS row
        FROM posts AS p
    ) AS p0
    WHERE p0.row <= 1
) AS p1 ON b.id = p1."BlogId"
;

-- postgresql
SELECT COALESCE(substring(p."Body", 1, 1), '') || COALESCE(replace(btrim(upper(p."Body"), E' \t\n\r'), 'a', 'b'), '')
FROM posts AS p
WHERE p."Kind" = 1 AND lower(p."Body") = 'b' AND length(p."Body")::int > 0
;

-- postgresql
DELETE FROM posts AS p
USING blogs AS b
WHERE p."BlogId" = b.id AND b."Title" = 'nope'
;

-- postgresql
(
    SELECT b."Title"
    FROM blogs AS b
    WHERE b.id = 1
    UNION
    SELECT p."Body" AS "Title"
    FROM posts AS p
)
EXCEPT
SELECT p0."Body" AS "Title"
FROM posts AS p0
;

-- postgresql
SELECT DISTINCT CASE
    WHEN b."Score" > 1.0 THEN 'a'
    WHEN b."Score" = 0.0 THEN 'b'
    ELSE 'c'
END
FROM blogs AS b
;

-- postgresql
SELECT b3.id, b3."Big", b3."Bin", b3."Created", b3."D", b3."Dbl", b3."Flag", b3."Iv", b3."Score", b3."T", b3."Tags", b3."Title", b3."Uid", b3.c
FROM (
    SELECT b."Title"
    FROM blogs AS b
    GROUP BY b."Title"
) AS b1
LEFT JOIN (
    SELECT b2.id, b2."Big", b2."Bin", b2."Created", b2."D", b2."Dbl", b2."Flag", b2."Iv", b2."Score", b2."T", b2."Tags", b2."Title", b2."Uid", b2.c AS c
    FROM (
        SELECT b0.id, b0."Big", b0."Bin", b0."Created", b0."D", b0."Dbl", b0."Flag", b0."Iv", b0."Score", b0."T", b0."Tags", b0."Title", b0."Uid", b0."Meta" AS c, ROW_NUMBER() OVER(PARTITION BY b0."Title" ORDER BY b0.id) AS row
        FROM blogs AS b0
    ) AS b2
    WHERE b2.row <= 1
) AS b3 ON b1."Title" = b3."Title"
;

-- postgresql
SELECT b.id, p."Body", p."Id"
FROM blogs AS b
LEFT JOIN posts AS p ON b.id = p."BlogId"
ORDER BY b.id
;

-- postgresql
SAVEPOINT "__EFSavePoint"
;

-- postgresql
RELEASE SAVEPOINT "__EFSavePoint"
;

-- postgresql
SAVEPOINT x
;

-- postgresql
SELECT b.id::text || b."Score"::text
FROM blogs AS b
WHERE b."Title" IN ('a', 'b')
;

-- postgresql
SELECT CASE WHEN COUNT(*) = 0 THEN FALSE ELSE TRUE END
FROM pg_class AS cls
JOIN pg_namespace AS ns ON ns.oid = cls.relnamespace
WHERE
        cls.relkind IN ('r', 'v', 'm', 'f', 'p') AND
        ns.nspname NOT IN ('pg_catalog', 'information_schema') AND
        -- Exclude tables which are members of PG extensions
        NOT EXISTS (
            SELECT 1 FROM pg_depend WHERE
                classid=(
                    SELECT cls.oid
                    FROM pg_class AS cls
                             JOIN pg_namespace AS ns ON ns.oid = cls.relnamespace
                    WHERE relname='pg_class' AND ns.nspname='pg_catalog'
                ) AND
                objid=cls.oid AND
                deptype IN ('e', 'x')
        )
;

-- postgresql
SELECT col_.column_name AS "name", CASE WHEN col_.udt_schema IN ('public', 'pg_catalog') THEN FORMAT('%s', col_.udt_name) ELSE FORMAT('"%s"."%s"', col_.udt_schema, col_.udt_name) END AS "database-type", col_.ordinal_position - 1 AS "database-position", col_.table_schema AS "table-schema", col_.table_name AS "table-name", keys_.column_name IS NOT NULL AS "keys_?", COL_DESCRIPTION(CAST(CAST(FORMAT('%I.%I', CAST(col_.table_schema AS TEXT), CAST(col_.table_name AS TEXT)) AS REGCLASS) AS OID), col_.ordinal_position) AS "field-comment", (column_default IS NULL OR LOWER(column_default) = 'null') AND is_nullable = 'NO' AND NOT ((column_default IS NOT NULL AND column_default LIKE '%nextval(%') OR is_identity <> 'NO') AS "database-required" FROM information_schema.columns AS col_ LEFT JOIN (SELECT con_.table_schema, con_.table_name, use_.column_name FROM information_schema.table_constraints AS con_ INNER JOIN information_schema.key_column_usage AS use_ ON con_.constraint_name = use_.constraint_name AND con_.table_schema = use_.table_schema AND con_.table_name = use_.table_name WHERE con_.constraint_type = 'PRIMARY KEY') AS keys_ ON col_.table_schema = keys_.table_schema AND col_.table_name = keys_.table_name AND col_.column_name = keys_.column_name WHERE col_.table_schema !~ '^information_schema|catalog_history|pg_' AND col_.table_schema IN ($1) UNION ALL SELECT att_.attname AS "name", FORMAT('%s', typ_.typname), att_.attnum - 1, ns_.nspname, rel_.relname, FALSE, NULL, FALSE FROM pg_catalog.pg_class AS rel_ INNER JOIN pg_catalog.pg_namespace AS ns_ ON ns_.oid = rel_.relnamespace INNER JOIN pg_catalog.pg_attribute AS att_ ON att_.attrelid = rel_.oid INNER JOIN pg_catalog.pg_type AS typ_ ON typ_.oid = att_.atttypid WHERE rel_.relkind = 'm' AND att_.attnum >= 1 ORDER BY "table-schema", "table-name", "database-position"
;

-- postgresql
SELECT src_ns.nspname AS "fk-table-schema", src_rel.relname AS "fk-table-name", src_att.attname AS "fk-column-name", ns_.nspname AS "keys_-table-schema", typ_.relname AS "keys_-table-name", rel_.attname AS "keys_-column-name" FROM pg_constraint AS col_ INNER JOIN pg_class AS src_rel ON col_.conrelid = src_rel.oid INNER JOIN pg_namespace AS src_ns ON col_.connamespace = src_ns.oid INNER JOIN pg_attribute AS src_att ON col_.conrelid = src_att.attrelid INNER JOIN pg_class AS typ_ ON col_.confrelid = typ_.oid INNER JOIN pg_namespace AS ns_ ON typ_.relnamespace = ns_.oid INNER JOIN pg_attribute AS rel_ ON col_.confrelid = rel_.attrelid WHERE src_ns.nspname !~ '^information_schema|catalog_history|pg_' AND col_.contype = 'f'::char AND src_att.attnum = ANY(col_.conkey) AND rel_.attnum = ANY(col_.confkey) ORDER BY "fk-table-schema", "fk-table-name"
;

-- postgresql
SELECT nsp_.nspname AS schema, col_.relname AS name, CASE col_.relkind WHEN 'r' THEN 'TABLE' WHEN 'p' THEN 'PARTITIONED TABLE' WHEN 'v' THEN 'VIEW' WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE NULL END AS type, descr_.description AS description, st_.n_live_tup AS estimated_row_count FROM pg_catalog.pg_class AS col_ INNER JOIN pg_catalog.pg_namespace AS nsp_ ON col_.relnamespace = nsp_.oid LEFT JOIN pg_catalog.pg_description AS descr_ ON col_.oid = descr_.objoid AND descr_.objsubid = 0 AND descr_.classoid = 'pg_class'::regclass LEFT JOIN pg_stat_user_tables AS st_ ON nsp_.nspname = st_.schemaname AND col_.relname = st_.relname WHERE nsp_.nspname !~ '^pg_' AND nsp_.nspname <> 'information_schema' AND col_.relkind in ('r', 'p', 'v', 'f', 'm') ORDER BY type ASC, schema ASC, name ASC
;

-- postgresql
SELECT nspname, typname FROM pg_type o_ JOIN pg_namespace nsp_ ON nsp_.oid = o_.typnamespace WHERE o_.oid IN (SELECT DISTINCT enumtypid FROM pg_enum en_)
;

-- postgresql
SELECT CAST(EXTRACT(dow FROM "public"."orders"."created_at") AS integer) + 1 AS dow, (CAST("orders"."created_at" AS date) + (INTERVAL '-1 day'))::date, ("source"."data"#>> array['a', 'b']::text[])::bigint AS x FROM "public"."orders" LIMIT 2000
;

-- postgresql
SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY "public"."orders"."total") AS "median", STDDEV_POP("total"), REGEXP_MATCH("name", 'a.c') FROM "public"."orders"
;

-- postgresql
SELECT TRUE AS "_" FROM "public"."orders" WHERE 1 <> 1 LIMIT 0
;

-- postgresql
SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY
;

-- postgresql
SELECT current_setting('server_version_num')::int/100 as version
;

-- postgresql
SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'
;

-- postgresql
SELECT quote_ident(column_name) AS "column", data_type AS "type" FROM information_schema.columns WHERE CASE WHEN array_length(parse_ident('public.users'),1) = 2 THEN quote_ident(table_schema) = (parse_ident('public.users'))[1] AND quote_ident(table_name) = (parse_ident('public.users'))[2] ELSE quote_ident(table_name) = 'users' END
;

-- postgresql
SELECT floor(extract(epoch from "time")/300)*300 AS "time", avg(value) AS "value", metric FROM samples WHERE "time" BETWEEN '2026-01-01T00:00:00Z' AND '2026-01-01T06:00:00Z' GROUP BY 1, metric ORDER BY 1
;

-- postgresql
SELECT (extract(epoch from ts)/60)::bigint*60 AS time, percentile_disc(0.95) within group (order by v) FROM m WHERE ts > now() - interval '6 hours' GROUP BY 1
;

-- postgresql
SELECT datname FROM pg_database WHERE datistemplate = false
;

-- postgresql
SELECT DATE_TRUNC('week', "ds") AS "__timestamp", "kind_" AS kind_, sum("amount_") AS "SUM(amount_)" FROM public.birth_names JOIN (SELECT "kind_" AS "gender__", sum("amount_") AS "mme_inner__" FROM public.birth_names WHERE "ds" >= TO_TIMESTAMP('1926-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') AND "ds" < TO_DATE('2026-01-01', 'YYYY-MM-DD') GROUP BY "kind_" ORDER BY "mme_inner__" DESC LIMIT 25) AS top_q ON "kind_" = "gender__" GROUP BY DATE_TRUNC('week', "ds"), "kind_" ORDER BY "SUM(amount_)" DESC LIMIT 10000
;

-- postgresql
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid='123'
;

-- postgresql
SELECT dbs.oid,dbs.* FROM pg_catalog.pg_database dbs WHERE datname=$1
;

-- postgresql
SELECT nsp_.oid,nsp_.*,descr_.description FROM pg_catalog.pg_namespace nsp_ LEFT OUTER JOIN pg_catalog.pg_description descr_ ON descr_.objoid=nsp_.oid AND descr_.objsubid=0 AND descr_.classoid='pg_namespace'::regclass ORDER BY nspname
;

-- postgresql
SELECT rel_.relname,att_.*,pg_catalog.pg_get_expr(dflt_.adbin, dflt_.adrelid, true) as default_txt,cmt_.description,dp_.objid FROM pg_catalog.pg_attribute att_ INNER JOIN pg_catalog.pg_class rel_ ON (att_.attrelid=rel_.oid) LEFT OUTER JOIN pg_catalog.pg_attrdef dflt_ ON (att_.attrelid=dflt_.adrelid AND att_.attnum = dflt_.adnum) LEFT OUTER JOIN pg_catalog.pg_description cmt_ ON (rel_.oid=cmt_.objoid AND att_.attnum = cmt_.objsubid) LEFT OUTER JOIN pg_depend dp_ on dp_.refobjid = att_.attrelid AND dp_.deptype = 'i' and dp_.refobjsubid = att_.attnum and dp_.classid = dp_.refclassid WHERE NOT att_.attisdropped AND rel_.relkind not in ('i','I','c') AND rel_.oid=$1 ORDER BY att_.attnum
;

-- postgresql
SELECT typ_.oid,typ_.*,rel_.relkind,format_type(nullif(typ_.typbasetype, 0), typ_.typtypmod) as base_name, descr_.description FROM pg_catalog.pg_type typ_ LEFT OUTER JOIN pg_catalog.pg_type elt_ ON elt_.oid=typ_.typelem LEFT OUTER JOIN pg_catalog.pg_class rel_ ON rel_.oid=typ_.typrelid LEFT OUTER JOIN pg_catalog.pg_description descr_ ON typ_.oid=descr_.objoid WHERE typ_.typname IS NOT NULL AND (rel_.relkind IS NULL OR rel_.relkind = 'c') AND (elt_.typcategory IS NULL OR elt_.typcategory <> 'C')
;

-- postgresql
SELECT ix_.*,ix_.indkey as ix_keys,rel_.relname,rel_.relnamespace,rel_.relam,rel_.reltablespace,heap_.relname as heap_name,cmt_.description,pg_catalog.pg_get_expr(ix_.indpred, ix_.indrelid) as pred_txt,pg_catalog.pg_get_expr(ix_.indexprs, ix_.indrelid, true) as expr_txt,pg_catalog.pg_relation_size(ix_.indexrelid) as ix_size,pg_catalog.pg_stat_get_numscans(ix_.indexrelid) as ix_scans FROM pg_catalog.pg_index ix_ INNER JOIN pg_catalog.pg_class rel_ ON rel_.oid=ix_.indexrelid INNER JOIN pg_catalog.pg_class heap_ ON heap_.oid=ix_.indrelid LEFT OUTER JOIN pg_catalog.pg_description cmt_ ON ix_.indexrelid=cmt_.objoid WHERE ix_.indrelid=$1 ORDER BY heap_name, rel_.relname
;

-- postgresql
SELECT current_schema(),session_user
;

-- postgresql
SHOW search_path
;

-- postgresql
SET SESSION search_path TO public,"$user"
;

-- postgresql
fetch 2048 in "SQL_CUR04645D10"
;

-- postgresql
close "SQL_CUR04645D10"
;

-- postgresql
select nsp_.nspname, rel_.relname, att_.attname, att_.atttypid, typ_.typname, att_.attnum, att_.attlen, att_.atttypmod, att_.attnotnull, rel_.relhasrules, rel_.relkind, rel_.oid, pg_get_expr(dflt_.adbin, dflt_.adrelid), case typ_.typtype when 'd' then typ_.typbasetype else 0 end, typ_.typtypmod, rel_.relhasoids from (((pg_catalog.pg_class rel_ inner join pg_catalog.pg_namespace nsp_ on nsp_.oid = rel_.relnamespace and rel_.oid = 16385) inner join pg_catalog.pg_attribute att_ on (not att_.attisdropped) and att_.attnum > 0 and att_.attrelid = rel_.oid) inner join pg_catalog.pg_type typ_ on typ_.oid = att_.atttypid) left outer join pg_attrdef dflt_ on att_.atthasdef and dflt_.adrelid = att_.attrelid and dflt_.adnum = att_.attnum order by nsp_.nspname, rel_.relname, attnum
;

-- postgresql
CREATE LOCAL TEMPORARY TABLE "#Tableau_1_Connect" ("COL" INTEGER) ON COMMIT PRESERVE ROWS
;

-- postgresql
select oid, typbasetype from pg_type where typname = 'lo'
;

-- postgresql
select "_"."id" as "c2", "_"."name" as "c1" from (select "id","name" from "public"."users" "$Table") "_" where "_"."name" = 'x' and "_"."name" is not null limit 1001
;

-- postgresql
SELECT $1::int4 + CAST($2 AS bigint) * -3 ^ 2 % 5, +1, ~5, 5 # 3, 6 & 3 | 8, 1 << 4, |/ 25, @ -5, 7 !~~ 'a'
;

-- postgresql
SELECT * FROM t WHERE id = ANY(ARRAY[1,2,3]) AND x <> ALL($1) AND y = SOME(SELECT z FROM u) AND (a, b) IN ((1,2),(3,4)) AND (a,b) > (1,2) AND EXISTS (SELECT 1)
;

-- postgresql
SELECT DISTINCT ON (a, b) a, b, c FROM t ORDER BY a, b DESC NULLS LAST, c NULLS FIRST OFFSET 5 ROWS FETCH FIRST 10 ROWS ONLY
;

-- postgresql
SELECT count(*) FILTER (WHERE a > 1), sum(DISTINCT b), string_agg(c, ', ' ORDER BY c DESC), array_agg(d), json_agg(t), jsonb_object_agg(k, v), bool_and(e), rank() OVER w, lag(a, 1, 0) OVER (PARTITION BY b ORDER BY c ROWS BETWEEN 1 PRECEDING AND CURRENT ROW), percentile_cont(0.5) WITHIN GROUP (ORDER BY a) FROM t GROUP BY GROUPING SETS ((a), ROLLUP (b, c), CUBE (d)) WINDOW w AS (ORDER BY a RANGE UNBOUNDED PRECEDING EXCLUDE TIES)
;

-- postgresql
WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n+1 FROM t WHERE n < 100), m AS MATERIALIZED (SELECT * FROM t), d AS (DELETE FROM x RETURNING *) SELECT sum(n) FROM t, m, d
;

-- postgresql
INSERT INTO t DEFAULT VALUES RETURNING id
;

-- postgresql
INSERT INTO t OVERRIDING SYSTEM VALUE SELECT * FROM u ON CONFLICT ON CONSTRAINT t_pk DO NOTHING
;

-- postgresql
DELETE FROM t USING u WHERE t.id = u.id AND CURRENT_DATE - u.d > 7
;

-- postgresql
MERGE INTO t USING s ON t.id = s.id WHEN MATCHED AND s.d THEN DELETE WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.id, s.v)
;

-- postgresql
CREATE TEMP TABLE tt ON COMMIT DROP AS SELECT * FROM t WITH NO DATA
;

-- postgresql
ALTER TABLE IF EXISTS ONLY t ADD COLUMN IF NOT EXISTS x int NOT NULL DEFAULT 0, DROP COLUMN y CASCADE, ALTER COLUMN z TYPE bigint USING z::bigint, ALTER z SET DEFAULT 5, ALTER w DROP NOT NULL, ADD CONSTRAINT pk PRIMARY KEY USING INDEX idx, ADD FOREIGN KEY (a) REFERENCES b(c), VALIDATE CONSTRAINT q, OWNER TO bob, SET (fillfactor=50), ENABLE ROW LEVEL SECURITY, REPLICA IDENTITY FULL
;

-- postgresql
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON ONLY t USING btree (lower(a) text_pattern_ops DESC NULLS LAST, (b + 1)) INCLUDE (c) WITH (fillfactor = 90) WHERE d IS NOT NULL
;

-- postgresql
DROP TABLE IF EXISTS a, b.c CASCADE
;

-- postgresql
BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY, DEFERRABLE
;

-- postgresql
ROLLBACK TO SAVEPOINT s1
;

-- postgresql
SET TIME ZONE INTERVAL '+02:00' HOUR TO MINUTE
;

-- postgresql
RESET ALL
;

-- postgresql
PREPARE q (int, text) AS SELECT * FROM t WHERE a = $1 AND b = $2
;

-- postgresql
DEALLOCATE PREPARE q
;

-- postgresql
DECLARE c1 NO SCROLL CURSOR WITH HOLD FOR SELECT * FROM t
;

-- postgresql
MOVE BACKWARD ALL IN c1
;

-- postgresql
COPY t (a, b) FROM STDIN WITH (FORMAT csv, HEADER true, DELIMITER ';', NULL '', QUOTE '"', FORCE_NULL (a, b))
;

-- postgresql
LISTEN "My Channel"
;

-- postgresql
NOTIFY ch, 'payload'
;

-- postgresql
LOCK TABLE t IN ACCESS EXCLUSIVE MODE NOWAIT
;

-- postgresql
EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT 1
;

-- postgresql
SELECT a -> 'b' ->> 'c', a #>> '{d,e}', a @> '{"x":1}'::jsonb, a ? 'k', a ?| array['a','b'], a || '{}', a - 'k', a @? '$.x', jsonb_path_query(a, '$.y[*]') FROM t
;

-- postgresql
SELECT EXTRACT(EPOCH FROM ts), date_part('dow', ts), ts AT TIME ZONE 'Europe/Berlin', ts::date, now()::timestamp(0), age(ts), ts - interval '1' month, TIMESTAMP '2024-01-01 00:00', DATE '2024-01-01', to_char(ts, 'YYYY-MM-DD HH24:MI'), make_interval(days => 3), (ts, interval '1 day') OVERLAPS (now(), now()) FROM t
;

-- postgresql
(SELECT 1 UNION SELECT 2 ORDER BY 1) EXCEPT ALL (VALUES (1), (2)) INTERSECT SELECT 3 LIMIT ALL
;

-- postgresql
SELECT * FROM ROWS FROM (generate_series(1,2), unnest(ARRAY['a','b'])) AS x(a, b), json_to_recordset('[]') AS y(a int, b text), t TABLESAMPLE BERNOULLI (10)
;

-- postgresql
SELECT a.*, (a).b, "Weird "" Col", u&"d\0061t", année FROM "A" AS a NATURAL JOIN b FULL OUTER JOIN c USING (id) AS j CROSS JOIN d
;

-- postgresql
SELECT CASE a WHEN 1 THEN 'x' ELSE 'y' END, a IS TRUE, b IS NOT UNKNOWN, c ISNULL, d NOTNULL, e IS JSON, NOT f AND g OR h, current_user, session_user, CURRENT_TIMESTAMP(3), LOCALTIME
;

-- postgresql
CREATE SEQUENCE IF NOT EXISTS s AS bigint INCREMENT BY 1 MINVALUE 1 NO MAXVALUE START 5 CACHE 10 OWNED BY t.id
;

-- postgresql
SELECT nextval('s'), currval('s'::regclass), setval('s', 10, false), lastval()
;

-- postgresql
CREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA public
;

-- postgresql
CREATE ROLE bob WITH LOGIN PASSWORD 'x' NOSUPERUSER VALID UNTIL '2030-01-01'
;

-- postgresql
DO $$ BEGIN IF NOT EXISTS (SELECT 1) THEN CREATE TYPE x AS ENUM ('a'); END IF; END $$
;

-- postgresql
SELECT /* nested /* comment */ */ 1 -- trailing
;

-- postgresql
SELECT * FROM t WHERE (a, b) = ROW(1, 2) AND x::numeric(10,2) >= 1.5 AND y::varchar(5) = 'a' AND z::timestamp with time zone < now() AND CAST(q AS double precision[]) IS NULL
;

-- sqlite
PRAGMA journal_mode=WAL
;

-- sqlite
SELECT name FROM sqlite_master WHERE type='table' AND name GLOB 'u*'
;

-- sqlite
INSERT OR REPLACE INTO t(a,b) VALUES (1,'x')
;

-- sqlite
REPLACE INTO t VALUES (1)
;

-- sqlite
CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, b TEXT COLLATE NOCASE, c ANY) STRICT
;

-- sqlite
CREATE VIRTUAL TABLE docs USING fts5(title, body, tokenize = 'porter ascii')
;

-- sqlite
SELECT highlight(docs, 0, '<b>', '</b>') FROM docs WHERE docs MATCH 'a AND b' ORDER BY rank
;

-- sqlite
SELECT * FROM t INDEXED BY i WHERE a == 1 AND b IS 2 LIMIT 5, 10
;

-- sqlite
SELECT `x`, [y] FROM t WHERE x REGEXP '^a' AND y NOT GLOB '*b'
;

-- sqlite
UPDATE OR IGNORE t SET a = 1 WHERE rowid = 5
;

-- sqlite
CREATE TRIGGER tr AFTER INSERT ON t BEGIN UPDATE u SET n = n + 1 WHERE id = NEW.id; SELECT RAISE(ABORT, 'x'); END
;

-- sqlite
SELECT x'ff', typeof(a), total(b), datetime('now','-1 day'), iif(a,b,c), printf('%d', a), a ->> '$.b', unixepoch() FROM t
;

-- sqlite
BEGIN IMMEDIATE
;

-- sqlite
WITH c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c LIMIT 5) SELECT x FROM c WHERE x NOT NULL
;

-- sqlite
SELECT a, (SELECT 1) FROM t GROUP BY a HAVING max(b) NOTNULL ORDER BY a COLLATE NOCASE
;

-- postgresql
WITH ranges AS (  SELECT pg_range.rngtypid, pg_type.typname AS rngtypname,         pg_type.typarray AS rngtyparray, pg_range.rngsubtype    FROM pg_range LEFT OUTER JOIN pg_type ON pg_type.oid = pg_range.rngtypid)SELECT pg_type.typname, pg_type.typtype, pg_type.oid, pg_type.typarray,       ranges.rngtypname, ranges.rngtypid, ranges.rngtyparray  FROM pg_type LEFT OUTER JOIN ranges ON pg_type.oid = ranges.rngsubtype WHERE (pg_type.typtype IN('b', 'e'))
;

-- postgresql
DROP TABLE IF EXISTS "ords" CASCADE
;

-- postgresql
DROP TABLE IF EXISTS "users" CASCADE
;

-- postgresql
SELECT DISTINCT tc.constraint_name as constraint_name, tc.constraint_schema as constraint_schema, tc.constraint_catalog as constraint_catalog, tc.table_name as table_name,tc.table_schema as table_schema,tc.table_catalog as table_catalog,tc.initially_deferred as initially_deferred,tc.is_deferrable as is_deferrable,kcu.column_name as column_name,ccu.table_schema  AS referenced_table_schema,ccu.table_catalog  AS referenced_table_catalog,ccu.table_name  AS referenced_table_name,ccu.column_name AS referenced_column_name FROM information_schema.table_constraints AS tc JOIN information_schema.key_column_usage AS kcu ON tc.constraint_name = kcu.constraint_name JOIN information_schema.constraint_column_usage AS ccu ON ccu.constraint_name = tc.constraint_name WHERE constraint_type = 'FOREIGN KEY' AND tc.table_name = 'users' AND tc.table_catalog = 'c_sequelize'
;

-- postgresql
SELECT t.typname enum_name, array_agg(e.enumlabel ORDER BY enumsortorder) enum_value FROM pg_type t JOIN pg_enum e ON t.oid = e.enumtypid JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE n.nspname = 'public' AND t.typname='enum_users_e' GROUP BY 1
;

-- postgresql
CREATE TABLE IF NOT EXISTS "users" ("id"  SERIAL , "name" VARCHAR(255) UNIQUE, "e" "public"."enum_users_e", "js" JSONB, "tags" TEXT[], "d" DECIMAL(10,2), "createdAt" TIMESTAMP WITH TIME ZONE NOT NULL, "updatedAt" TIMESTAMP WITH TIME ZONE NOT NULL, PRIMARY KEY ("id"))
;

-- postgresql
SELECT i.relname AS name, ix.indisprimary AS primary, ix.indisunique AS unique, ix.indkey AS indkey, array_agg(a.attnum) as column_indexes, array_agg(a.attname) AS column_names, pg_get_indexdef(ix.indexrelid) AS definition FROM pg_class t, pg_class i, pg_index ix, pg_attribute a WHERE t.oid = ix.indrelid AND i.oid = ix.indexrelid AND a.attrelid = t.oid AND t.relkind = 'r' and t.relname = 'users' GROUP BY i.relname, ix.indexrelid, ix.indisprimary, ix.indisunique, ix.indkey ORDER BY i.relname
;

-- postgresql
SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_name = 'users'
;

-- postgresql
SELECT pk.constraint_type as "Constraint",c.column_name as "Field", c.column_default as "Default",c.is_nullable as "Null", (CASE WHEN c.udt_name = 'hstore' THEN c.udt_name ELSE c.data_type END) || (CASE WHEN c.character_maximum_length IS NOT NULL THEN '(' || c.character_maximum_length || ')' ELSE '' END) as "Type", (SELECT array_agg(e.enumlabel) FROM pg_catalog.pg_type t JOIN pg_catalog.pg_enum e ON t.oid=e.enumtypid WHERE t.typname=c.udt_name) AS "special", (SELECT pgd.description FROM pg_catalog.pg_statio_all_tables AS st INNER JOIN pg_catalog.pg_description pgd on (pgd.objoid=st.relid) WHERE c.ordinal_position=pgd.objsubid AND c.table_name=st.relname) AS "Comment" FROM information_schema.columns c LEFT JOIN (SELECT tc.table_schema, tc.table_name, cu.column_name, tc.constraint_type FROM information_schema.TABLE_CONSTRAINTS tc JOIN information_schema.KEY_COLUMN_USAGE  cu ON tc.table_schema=cu.table_schema and tc.table_name=cu.table_name and tc.constraint_name=cu.constraint_name and tc.constraint_type='PRIMARY KEY') pk ON pk.table_schema=c.table_schema AND pk.table_name=c.table_name AND pk.column_name=c.column_name WHERE c.table_name = 'users' AND c.table_schema = 'public'
;

-- postgresql
ALTER TABLE "users" ALTER COLUMN "name" DROP DEFAULT
;

-- postgresql
ALTER TABLE "users"  ADD UNIQUE ("name")
;

-- postgresql
ALTER TABLE "users" ALTER COLUMN "e" DROP NOT NULL
;

-- postgresql
ALTER TABLE "users" ALTER COLUMN "e" DROP DEFAULT
;

-- postgresql
ALTER TABLE "users" ALTER COLUMN "js" DROP NOT NULL
;

-- postgresql
ALTER TABLE "users" ALTER COLUMN "js" DROP DEFAULT
;

-- postgresql
ALTER TABLE "users" ALTER COLUMN "tags" DROP NOT NULL
;

-- postgresql
ALTER TABLE "users" ALTER COLUMN "tags" DROP DEFAULT
;

-- postgresql
ALTER TABLE "users" ALTER COLUMN "d" DROP NOT NULL
;

-- postgresql
ALTER TABLE "users" ALTER COLUMN "d" DROP DEFAULT
;

-- postgresql
ALTER TABLE "users" ALTER COLUMN "createdAt" SET NOT NULL
;

-- postgresql
ALTER TABLE "users" ALTER COLUMN "createdAt" DROP DEFAULT
;

-- postgresql
ALTER TABLE "users" ALTER COLUMN "updatedAt" SET NOT NULL
;

-- postgresql
ALTER TABLE "users" ALTER COLUMN "updatedAt" DROP DEFAULT
;

-- postgresql
ALTER TABLE "ords" ALTER COLUMN "uid" DROP NOT NULL
;

-- postgresql
ALTER TABLE "ords" ALTER COLUMN "uid" DROP DEFAULT
;

-- postgresql
ALTER TABLE "ords" ALTER COLUMN "createdAt" SET NOT NULL
;

-- postgresql
ALTER TABLE "ords" ALTER COLUMN "createdAt" DROP DEFAULT
;

-- postgresql
ALTER TABLE "ords" ALTER COLUMN "updatedAt" SET NOT NULL
;

-- postgresql
ALTER TABLE "ords" ALTER COLUMN "updatedAt" DROP DEFAULT
;

-- postgresql
ALTER TABLE "ords" DROP CONSTRAINT "ords_userId_fkey"
;

-- postgresql
ALTER TABLE "ords"  ADD FOREIGN KEY ("userId") REFERENCES "users" ("id") ON DELETE SET NULL ON UPDATE CASCADE
;

-- postgresql
INSERT INTO "users" ("id","name","createdAt","updatedAt") VALUES (DEFAULT,'b','2026-11-22 13:43:45.682 +00:00','2026-11-22 13:43:45.682 +00:00'),(DEFAULT,'c','2026-11-22 13:43:45.682 +00:00','2026-11-22 13:43:45.682 +00:00') ON CONFLICT ("name") DO UPDATE SET "name"=EXCLUDED."name" RETURNING "id","name","e","js","tags","d","createdAt","updatedAt"
;

-- postgresql
SELECT count("user"."id") AS "count" FROM "users" AS "user" LEFT OUTER JOIN "ords" AS "ords" ON "user"."id" = "ords"."userId" WHERE "user"."name" ILIKE '%a' AND CAST(("user"."js"#>>'{a}') AS DOUBLE PRECISION) = 1 AND "user"."tags" @> ARRAY['x']::TEXT[]
;

-- postgresql
SELECT "id", "name", "e", "js", "tags", "d", "createdAt", "updatedAt" FROM "users" AS "user" WHERE "user"."name" = 'q'
;

-- postgresql
SELECT (testfunc.response)."id", (testfunc.response)."name", (testfunc.response)."e", (testfunc.response)."js", (testfunc.response)."tags", (testfunc.response)."d", (testfunc.response)."createdAt", (testfunc.response)."updatedAt", testfunc.sequelize_caught_exception FROM pg_temp.testfunc()
;

-- postgresql
DROP FUNCTION IF EXISTS pg_temp.testfunc()
;

-- postgresql
INSERT INTO "users" ("name","createdAt","updatedAt") VALUES ($1,$2,$3) ON CONFLICT ("name") DO UPDATE SET "name"=EXCLUDED."name","updatedAt"=EXCLUDED."updatedAt" RETURNING "id","name","e","js","tags","d","createdAt","updatedAt"
;

-- postgresql
UPDATE "users" SET "d"="d"+ 1,"updatedAt"='2026-11-22 13:43:45.711 +00:00' WHERE "id" = 1 RETURNING *
;

-- postgresql
TRUNCATE "users" CASCADE
;

-- postgresql
DROP TABLE IF EXISTS "users"
;

-- postgresql
CREATE OR REPLACE FUNCTION pg_temp.testfunc(OUT response "users", OUT sequelize_caught_exception text) RETURNS RECORD AS $func_5175a8ea521d4e6eb84bd13dd9b7177b$ BEGIN INSERT INTO "users" ("id","name","createdAt","updatedAt") VALUES (DEFAULT,'q','2026-11-22 13:44:25.858 +00:00','2026-11-22 13:44:25.858 +00:00') RETURNING * INTO response; EXCEPTION WHEN unique_violation THEN GET STACKED DIAGNOSTICS sequelize_caught_exception = PG_EXCEPTION_DETAIL; END $func_5175a8ea521d4e6eb84bd13dd9b7177b$ LANGUAGE plpgsql
;

-- postgresql
GRANT SELECT, INSERT (a, b), ALL PRIVILEGES ON TABLE a, b TO bob, PUBLIC WITH GRANT OPTION
;

