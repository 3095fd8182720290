using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>Looks among the rows of a statement for the one that violates a constraint.</summary>
internal sealed class ViolationSearch(ChangedRows rows, Violation violation, TranslationContext context)
{
    // Aliases that no client's statement has by chance.
    private const string New = "\"?new\"", Own = "\"?own\"", Other = "\"?other\"", Twin = "\"?twin\"", Keyed = "\"?keyed\"";

    public IReadOnlyList<ViolationQuery> Queries() => violation.SqlState switch
    {
        SqlState.UniqueViolation when IsOfTarget => One(Unique()),
        SqlState.NotNullViolation when IsOfTarget && violation.Column is { } name && rows.Columns.FirstOrDefault(column => column.Name == name) is { } column =>
            One(Row($"{New}.{rows.NameOf(column.Number)} IS NULL")),
        SqlState.CheckViolation when IsOfTarget && rows.Table.Constraints.FirstOrDefault(
            check => check.Type == ConstraintType.Check && check.Name == violation.Constraint)?.Expression is { } expression => One(Row($"NOT ({expression})")),
        SqlState.ForeignKeyViolation => ForeignKeys(),
        _ => [],
    };

    private bool IsOfTarget => (violation.Schema, violation.Table) == (rows.Table.Schema, rows.Table.Name);

    // A row that is skipped because of another one violates nothing, and one that is updated instead has other values.
    private bool IsCertain => rows.IsSingle && rows.OnConflict?.Set is null;

    private static string NameOf(Relation table) => Identifiers.Qualify(table.Schema, table.Name);

    private static string Column(Relation table, short number) => Identifiers.Quote(table.Attributes[number - 1].Name);

    private static string All(IEnumerable<string> conditions) => string.Join(" AND ", conditions);

    private static ViolationQuery[] One(ViolationQuery? query) => query is null ? [] : [query];

    private string PlaceOf(string alias) => rows.IsSingle ? "0" : $"{alias}.{ChangedRows.Place}";

    // PostgreSQL checks what INSERT … ON CONFLICT gives before it looks for conflicts.
    private ViolationQuery? Row(string condition)
    {
        if (rows.IsDelete || (violation.IsApart && !IsCertain) || rows.Columns.Any(column => !rows.Known.Contains(column.Number)))
        {
            return null;
        }

        var values = string.Join(", ", rows.Columns.Select(column => $"{New}.{rows.NameOf(column.Number)}"));
        return new ViolationQuery(
            $"SELECT {PlaceOf(New)}, {values} FROM ({rows.Query}) AS {New}{(IsCertain ? "" : $" WHERE {condition}")} LIMIT 1",
            "Failing row contains (", ").", ofRow: true);
    }

    private ViolationQuery? Unique()
    {
        if (rows.IsDelete || (rows.OnConflict is not null && !IsCertain)
            || rows.Table.Indexes.FirstOrDefault(index => index.Unique && index.Name == violation.Constraint) is not { } index)
        {
            return null;
        }

        // Expressions and conditions may need all columns. They name columns alone, which within an EXISTS are those of its table.
        var numbers = index.Columns.Take(index.KeyCount).ToArray();
        var isPlain = index.Predicate is null && Array.TrueForAll(numbers, static number => number > 0);
        if (isPlain ? !Array.TrueForAll(numbers, rows.Known.Contains) : !rows.IsInsert || rows.Columns.Any(column => !rows.Known.Contains(column.Number)))
        {
            return null;
        }

        var next = 0;
        var expressions = numbers.Select(number => number == 0 ? index.Expressions[next++] : null).ToArray();
        var values = numbers.Select((number, i) => expressions[i] is { } expression ? $"({expression})" : $"{New}.{rows.NameOf(number)}").ToArray();
        var shown = string.Join(", ", numbers.Select((number, i) => expressions[i] ?? rows.NameOf(number)));
        var (before, after) = ($"Key ({shown})=(", ") already exists.");
        if (IsCertain)
        {
            return new ViolationQuery($"SELECT 0, {string.Join(", ", values)} FROM ({rows.Query}) AS {New}", before, after);
        }

        if (violation.IsApart)
        {
            return null;
        }

        var keys = numbers.Select(static (_, i) => $"{Keyed}.\"?key{i}\"").ToArray();
        var own = numbers.Select((number, i) => $"{(number == 0 ? values[i] : $"{Own}.{rows.NameOf(number)}")} = {keys[i]}");
        var changed = rows.IsInsert ? []
            : new[] { $"({string.Join(" OR ", numbers.Select((number, i) => $"{keys[i]} IS DISTINCT FROM {Keyed}.{rows.OldNameOf(number)}"))})" };
        var list = string.Join(", ", values);
        var keyed = $"SELECT {New}.*, {string.Join(", ", values.Select(static (value, i) => $"{value} AS \"?key{i}\""))},"
            + $" row_number() OVER (PARTITION BY {list} ORDER BY {New}.{ChangedRows.Place}) AS \"?copy\" FROM ({rows.Query}) AS {New}"
            + (index.Predicate is null ? "" : $" WHERE {index.Predicate}");
        var exists = $"EXISTS (SELECT FROM {NameOf(rows.Table)} AS {Own} WHERE {All(own)}{(index.Predicate is null ? "" : $" AND ({index.Predicate})")})";
        return new ViolationQuery(
            $"SELECT {Keyed}.{ChangedRows.Place}, {string.Join(", ", keys)} FROM ({keyed}) AS {Keyed}"
            + $" WHERE {All(keys.Select(static key => $"{key} IS NOT NULL").Concat(changed))} AND ({Keyed}.\"?copy\" > 1 OR {exists})"
            + $" ORDER BY {Keyed}.{ChangedRows.Place} LIMIT 1",
            before,
            after);
    }

    private List<ViolationQuery> ForeignKeys()
    {
        var queries = new List<ViolationQuery>();
        if (rows.OnConflict is not null && !IsCertain)
        {
            return queries;
        }

        // PostgreSQL checks the keys in the order in which they were made, those of the tables that refer to this one first.
        var relations = (context.Schema as SchemaSnapshot)?.Relations ?? [];
        var others = relations
            .SelectMany(static table => table.Constraints, static (table, key) => new TableKey(table, key))
            .Where(pair => !rows.IsInsert && IsChecked(pair.Key) && pair.Key.ReferencedOid == rows.Table.Oid
                && (rows.IsDelete ? pair.Key.OnDelete : pair.Key.OnUpdate) is 'a' or 'r'
                && (rows.IsDelete || pair.Key.ReferencedColumns.Any(rows.Set.Contains)))
            .OrderBy(static pair => pair.Key.Oid);
        foreach (var pair in others)
        {
            if (Referenced(pair) is not { } query)
            {
                return [];
            }

            queries.Add(query);
        }

        var own = rows.Table.Constraints
            .Where(key => !rows.IsDelete && IsChecked(key) && (rows.IsInsert || key.Columns.Any(rows.Set.Contains))).OrderBy(static key => key.Oid);
        foreach (var key in own)
        {
            if (Referring(key) is not { } query)
            {
                return [];
            }

            queries.Add(query);
        }

        return queries;
    }

    private bool IsChecked(ConstraintInfo key) => key.Type == ConstraintType.ForeignKey && !(violation.InBlock && key.InitiallyDeferred);

    // Rows without their counterpart.
    private ViolationQuery? Referring(ConstraintInfo key)
    {
        if (context.Schema.FindRelation(key.ReferencedOid) is not { } target || (key.Match == 'f' && key.Columns.Count > 1)
            || !key.Columns.All(rows.Known.Contains))
        {
            return null;
        }

        var isOwn = target.Oid == rows.Table.Oid;
        if (isOwn && ((violation.IsApart && !IsCertain) || !key.ReferencedColumns.All(rows.Known.Contains)))
        {
            return null;
        }

        string[] values = [.. key.Columns.Select(number => $"{New}.{rows.NameOf(number)}")];
        var conditions = values.Select(static value => $"{value} IS NOT NULL").ToList();
        if (!rows.IsInsert)
        {
            conditions.Add($"({string.Join(" OR ", key.Columns.Select((number, i) => $"{values[i]} IS DISTINCT FROM {New}.{rows.OldNameOf(number)}"))})");
        }

        if (!violation.IsApart)
        {
            conditions.Add($"NOT EXISTS (SELECT FROM {NameOf(target)} AS {Other} WHERE {Matches(Other, target)})");
        }

        if (isOwn)
        {
            // The counterpart may be among the new rows.
            conditions.Add(rows.IsSingle ? $"({Matches(New, target)}) IS NOT TRUE" : $"NOT EXISTS (SELECT FROM ({rows.Query}) AS {Twin} WHERE {Matches(Twin, target)})");
        }

        var pair = new TableKey(rows.Table, key);
        return new ViolationQuery(
            Text(values, conditions), $"Key ({Names(rows.Table, key.Columns)})=(", $") is not present in table \"{target.Name}\".")
        {
            Key = pair, Message = pair.Message,
        };

        string Matches(string alias, Relation table) => All(key.ReferencedColumns.Select((number, i) => $"{alias}.{Column(table, number)} = {values[i]}"));
    }

    // Rows that others refer to.
    private ViolationQuery? Referenced(TableKey pair)
    {
        var (table, key) = pair;
        string[] values = [.. key.ReferencedColumns.Select(number => $"{New}.{rows.OldNameOf(number)}")];
        var conditions = new List<string>();
        if (!rows.IsDelete)
        {
            if (!key.ReferencedColumns.All(rows.Known.Contains))
            {
                return null;
            }

            conditions.Add($"({string.Join(" OR ", key.ReferencedColumns.Select((number, i) => $"{New}.{rows.NameOf(number)} IS DISTINCT FROM {values[i]}"))})");
        }

        var refers = All(key.Columns.Select((number, i) => $"{Other}.{Column(table, number)} = {values[i]}"));
        if (table.Oid == rows.Table.Oid)
        {
            // Rows that refer to others may go with them.
            if (!rows.IsDelete ? key.Columns.Any(rows.Set.Contains)
                : table.Constraints.FirstOrDefault(static constraint => constraint.Type == ConstraintType.PrimaryKey) is null)
            {
                return null;
            }

            if (rows.IsDelete)
            {
                var primary = table.Constraints.First(static constraint => constraint.Type == ConstraintType.PrimaryKey).Columns;
                refers += $" AND NOT EXISTS (SELECT FROM ({rows.Query}) AS {Twin}"
                    + $" WHERE {All(primary.Select(number => $"{Twin}.{Column(table, number)} = {Other}.{Column(table, number)}"))})";
            }
        }

        conditions.Add($"EXISTS (SELECT FROM {NameOf(table)} AS {Other} WHERE {refers})");
        if (!rows.IsDelete)
        {
            // Another row may have taken the key.
            conditions.Add($"NOT EXISTS (SELECT FROM ({rows.Query}) AS {Twin}"
                + $" WHERE {All(key.ReferencedColumns.Select((number, i) => $"{Twin}.{rows.NameOf(number)} = {values[i]}"))})");
        }

        return new ViolationQuery(
            Text(values, conditions), $"Key ({Names(rows.Table, key.ReferencedColumns)})=(", $") is still referenced from table \"{table.Name}\".")
        {
            Key = pair,
            Message = $"update or delete on table \"{rows.Table.Name}\" violates foreign key constraint \"{key.Name}\" on table \"{table.Name}\"",
        };
    }

    private string Text(string[] values, List<string> conditions) =>
        $"SELECT {PlaceOf(New)}, {string.Join(", ", values)} FROM ({rows.Query}) AS {New} WHERE {All(conditions)} LIMIT 1";

    // Not quoted here, unlike those of a unique key.
    private static string Names(Relation table, IReadOnlyList<short> columns) => string.Join(", ", columns.Select(number => table.Attributes[number - 1].Name));
}
