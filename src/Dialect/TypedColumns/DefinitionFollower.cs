using System.Globalization;
using System.Text;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Attribute = Rqlite.Pg.Dialect.Catalog.Attribute;

namespace Rqlite.Pg.Dialect.TypedColumns;

/// <summary>
/// Brings the metadata in step with a definition in SQLite's dialect, by comparing SQLite's schema before and after it: what was dropped is taken out, what
/// was renamed keeps its OIDs. What would leave texts of PostgreSQL's dialect with a name that is gone is refused.
/// </summary>
internal sealed class DefinitionFollower : IDefinitionFollower
{
    private readonly SchemaSnapshot _snapshot;
    private readonly Objects _before;

    public DefinitionFollower(IConnectionSql sql)
    {
        _snapshot = SnapshotCache.Of(sql);
        _before = new Objects(sql);
    }

    public IReadOnlyList<string> Changes(IConnectionSql sql)
    {
        var after = new Objects(sql);
        string[] gone = [.. _before.Relations.Keys.Where(name => !after.Relations.ContainsKey(name))];
        string[] come = [.. after.Relations.Keys.Where(name => !_before.Relations.ContainsKey(name))];
        var writer = new MetadataWriter(exists: true);
        var changes = new List<string>();
        var renamed = gone is [var former] && come is [var present] && _before.Relations[former] == after.Relations[present] ? former : null;
        if (renamed is not null && Find(renamed) is { } moved)
        {
            Rename(moved, come[0], changes);
        }

        foreach (var relation in gone.Where(name => name != renamed).Select(Find).OfType<Relation>())
        {
            Drop(relation, writer, changes);
        }

        if (renamed is null)
        {
            foreach (var name in come.Where(name => Find(name) is null))
            {
                // Left behind by an earlier version for a table of this name.
                changes.Add($"DELETE FROM _rqlite_class WHERE sqlite_name = {Literal(name)} COLLATE NOCASE AND kind <> 'S'");
            }
        }

        foreach (var relation in _snapshot.Relations.Where(r => r is { Kind: RelationKind.Table, Foreign: false }))
        {
            DropIndexes(relation, after, gone, renamed, writer, changes);
            ChangeColumns(relation, after, relation.SqliteName == renamed ? come[0] : relation.SqliteName, writer, changes);
        }

        return [.. writer.Build().Select(step => step.Sql), .. changes];
    }

    private Relation? Find(string sqliteName) => _snapshot.Relations.FirstOrDefault(
        relation => relation.Kind is RelationKind.Table or RelationKind.View && relation.SqliteName == sqliteName);

    private void Drop(Relation relation, MetadataWriter writer, List<string> changes)
    {
        if (ViewOf(relation, null) is { } view)
        {
            var kind = relation.Kind == RelationKind.View ? "view" : "table";
            throw new SqlFunctionException(
                SqlState.DependentObjectsStillExist,
                $"cannot drop {kind} {relation.Name} because view {view.Name} of PostgreSQL's dialect depends on it",
                hint: $"Drop the view first, or use DROP {kind.ToUpperInvariant()} ... CASCADE in PostgreSQL's dialect.");
        }

        writer.DropRelation(relation);
        changes.Add(Format($"DELETE FROM _rqlite_constraint WHERE referenced = {relation.Oid}"));
        changes.Add(Format($"DELETE FROM _rqlite_depend WHERE referenced_class = {ClassOids.PgClass} AND referenced_object = {relation.Oid}"));
        foreach (var column in relation.Attributes.Where(column => column.OwnedSequence is not null))
        {
            var sequence = _snapshot.Relations.FirstOrDefault(r => r.Kind == RelationKind.Sequence && r.SqliteName == column.OwnedSequence);
            if (sequence is not null)
            {
                changes.Add($"DELETE FROM _rqlite_call WHERE _rqlite_drop_sequence(0, {Literal(sequence.SqliteName)})");
                writer.DropRelation(sequence);
                changes.Add(Format($"DELETE FROM _rqlite_depend WHERE referenced_class = {ClassOids.PgClass} AND referenced_object = {sequence.Oid}"));
            }
        }
    }

    private void Rename(Relation relation, string sqliteName, List<string> changes)
    {
        RequireNoViews(relation, null);
        if (relation.Foreign)
        {
            // Its OID follows from its name.
            var oid = new ForeignOids().Of(relation.Kind == RelationKind.View ? 'v' : 'r', sqliteName);
            changes.Add(Format($"UPDATE _rqlite_description SET object = {oid} WHERE class = {ClassOids.PgClass} AND object = {relation.Oid}"));
            return;
        }

        var prefix = relation.Schema + ".";
        var (schema, name) = relation.SchemaOid != SystemCatalog.Public && sqliteName.StartsWith(prefix, StringComparison.Ordinal)
            ? (relation.SchemaOid, sqliteName[prefix.Length..])
            : (SystemCatalog.Public, sqliteName);
        changes.Add(Format(
            $"UPDATE _rqlite_class SET name = {Literal(name)}, namespace = {schema}, sqlite_name = {Literal(sqliteName)} WHERE oid = {relation.Oid}"));
    }

    private static void DropIndexes(
        Relation relation, Objects after, string[] gone, string? renamed, MetadataWriter writer, List<string> changes)
    {
        if (relation.SqliteName != renamed && gone.Contains(relation.SqliteName))
        {
            return;
        }

        foreach (var index in relation.Indexes.Where(index => index.SqliteName.Length > 0 && !after.Indexes.Contains(index.SqliteName)))
        {
            writer.DropIndex(index.Oid);
            foreach (var constraint in relation.Constraints.Where(c => c.IndexOid == index.Oid && c.Type != ConstraintType.ForeignKey))
            {
                writer.DropConstraint(constraint.Oid);
            }

            changes.Add(Format($"UPDATE _rqlite_constraint SET index_oid = 0 WHERE index_oid = {index.Oid}"));
        }
    }

    private void ChangeColumns(Relation relation, Objects after, string sqliteName, MetadataWriter writer, List<string> changes)
    {
        if (!_before.Columns.TryGetValue(relation.SqliteName, out var before) || !after.Relations.ContainsKey(sqliteName))
        {
            return;
        }

        var now = after.ColumnsOf(sqliteName);
        for (var i = 0; i < before.Count; i++)
        {
            if (i < now.Count && before[i] == now[i])
            {
                continue;
            }

            var column = relation.Attributes.FirstOrDefault(a => !a.Dropped && a.Name.Equals(before[i], StringComparison.OrdinalIgnoreCase));
            if (now.Count < before.Count)
            {
                // One column is dropped at a time.
                if (column is not null)
                {
                    RequireNoViews(relation, column);
                    writer.DropColumn(relation.Oid, column.Number);
                }

                return;
            }

            if (column is not null)
            {
                RequireNoTexts(relation, column);
                changes.Add(Format(
                    $"UPDATE _rqlite_attribute SET name = {Literal(now[i])} WHERE relation = {relation.Oid} AND number = {column.Number}"));
            }
        }
    }

    private Relation? ViewOf(Relation relation, Attribute? column) => _snapshot.Relations.FirstOrDefault(
        view => view is { Kind: RelationKind.View, Foreign: false } && view.Oid != relation.Oid && _snapshot.Dependencies.Any(
            d => d.Object == new ObjectAddress(ClassOids.PgRewrite, view.Rule, 0) && IsOf(d.Referenced, relation, column)));

    private void RequireNoViews(Relation relation, Attribute? column)
    {
        if (ViewOf(relation, column) is { } view)
        {
            throw Refused(relation, column, $"view {view.Name}");
        }
    }

    private void RequireNoTexts(Relation relation, Attribute column)
    {
        RequireNoViews(relation, column);
        if (relation.Constraints.FirstOrDefault(c => c.Expression is not null && c.Columns.Contains(column.Number)) is { } check)
        {
            throw Refused(relation, column, $"constraint {check.Name}");
        }

        if (relation.Indexes.FirstOrDefault(i => i.Expressions.Count > 0 || i.Predicate is not null) is { } index)
        {
            throw Refused(relation, column, $"index {index.Name}");
        }

        if (relation.Attributes.FirstOrDefault(a => a is { Generated: true, Dropped: false } && a.Number != column.Number) is { } generated)
        {
            throw Refused(relation, column, $"column {generated.Name}");
        }
    }

    private static bool IsOf(ObjectAddress address, Relation relation, Attribute? column) => address.Class == ClassOids.PgClass
        && address.Object == relation.Oid && (column is null || address.Sub == 0 || address.Sub == column.Number);

    private static SqlFunctionException Refused(Relation relation, Attribute? column, string user) => new(
        SqlState.FeatureNotSupported,
        $"changing {(column is null ? "" : $"column {column.Name} of ")}{(relation.Kind == RelationKind.View ? "view" : "table")} {relation.Name} in SQLite's"
        + $" dialect is not supported, because {user} was defined in PostgreSQL's dialect and names it",
        hint: "Change it in PostgreSQL's dialect.");

    private static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>The tables and columns that SQLite has.</summary>
    private sealed class Objects
    {
        private static readonly byte[] s_objects =
            "SELECT type, name FROM main.sqlite_schema WHERE name NOT LIKE '\\_rqlite\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"u8.ToArray();

        private static readonly byte[] s_columns =
            "SELECT c.sqlite_name, x.name FROM _rqlite_class c, pragma_table_xinfo(c.sqlite_name, 'main') x WHERE c.kind = 'r' ORDER BY 1, x.cid"u8.ToArray();

        private readonly IConnectionSql _sql;

        public Objects(IConnectionSql sql)
        {
            _sql = sql;
            sql.Read(Statement.Ours(s_objects), (in row) =>
            {
                var (type, name) = (Text(row[0]), Text(row[1]));
                if (type == "index")
                {
                    Indexes.Add(name);
                }
                else if (type != "trigger")
                {
                    Relations[name] = type;
                }
            });
            sql.Read(Statement.Ours(s_columns), (in row) =>
            {
                var table = Text(row[0]);
                if (!Columns.TryGetValue(table, out var columns))
                {
                    Columns[table] = columns = [];
                }

                columns.Add(Text(row[1]));
            });
        }

        /// <summary>The types of tables and views by name.</summary>
        public Dictionary<string, string> Relations { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Indexes { get; } = new(StringComparer.Ordinal);

        /// <summary>The columns of the tables that the metadata names.</summary>
        public Dictionary<string, List<string>> Columns { get; } = new(StringComparer.Ordinal);

        public List<string> ColumnsOf(string table)
        {
            if (Columns.TryGetValue(table, out var known))
            {
                return known;
            }

            var columns = new List<string>();
            _sql.Read(
                Statement.Ours(Encoding.UTF8.GetBytes($"SELECT name FROM pragma_table_xinfo({Literal(table)}, 'main') ORDER BY cid")),
                (in row) => columns.Add(Text(row[0])));
            return columns;
        }

        private static string Text(in SqliteValue value) => Encoding.UTF8.GetString(value.Bytes);
    }
}
