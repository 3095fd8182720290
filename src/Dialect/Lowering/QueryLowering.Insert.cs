using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Lowering;

/// <content>INSERT and the rows that it writes.</content>
internal sealed partial class QueryLowering
{
    private void WriteInsert(BoundQuery query)
    {
        var scope = EnterChange(query);
        var table = TargetTable(query);

        // The target's columns stand under the table's own name in ON CONFLICT and RETURNING.
        scope.Relations[query.Result - 1] = Renamed(scope.Relations[query.Result - 1], SqlText.Quoted(table.SqliteName));
        if (query.OnConflict is { Excluded: > 0 and var excluded })
        {
            scope.Relations[excluded - 1] = Renamed(scope.Relations[excluded - 1], "excluded");
        }

        if (query.OnConflict?.Set is not null && table.SqliteName.Equals("excluded", StringComparison.OrdinalIgnoreCase))
        {
            throw NotSupported("ON CONFLICT DO UPDATE on a table named \"excluded\"", Location.None);
        }

        WriteWith(query);
        _sql.Add("INSERT INTO ");
        WriteTableName(table);
        var targets = query.Targets.Where(target => !target.Junk).ToList();
        var missingKey = table is { RowIdColumn: > 0, Foreign: false } && targets.TrueForAll(target => target.Number != table.RowIdColumn);
        if (targets.Count == 0 && !missingKey)
        {
            _sql.Add(" DEFAULT VALUES");
        }
        else
        {
            WriteSource(query, table, targets, missingKey);
        }

        WriteConflict(query, table);
        WriteReturning(query, table);
    }

    private static RelationNames Renamed(RelationNames relation, string qualifier) => new(relation.Entry, qualifier, relation.Columns);

    private void WriteSource(BoundQuery query, Relation table, List<TargetEntry> targets, bool missingKey)
    {
        _sql.Add(" (");
        for (var i = 0; i < targets.Count; i++)
        {
            _sql.Add(i > 0 ? ", " : "").Name(table.Attributes[targets[i].Number - 1].Name);
        }

        if (missingKey)
        {
            _sql.Add(targets.Count > 0 ? ", " : "").Name(table.Attributes[table.RowIdColumn - 1].Name);
        }

        _sql.Add(")");
        if (query.From.Count == 0 && !query.HasTargetSets)
        {
            using var lifting = Lifting();
            _sql.Add(" VALUES (");
            WriteSourceColumns(table, targets, missingKey, named: false);
            _sql.Add(")");
            return;
        }

        if (query.OnConflict is { Set: not null, Index: { } index } conflict)
        {
            WriteSourceOfDistinctKeys(query, table, targets, conflict, index, missingKey);
            return;
        }

        _sql.Add(" ");
        var ordered = OrderedSource(query, targets);
        WriteCore(query, () => WriteSourceColumns(table, targets, missingKey, named: false), null);
        if (query.OnConflict is not null && query.Where is null)
        {
            // Without WHERE, SQLite would read ON CONFLICT as the condition of a join.
            _sql.Add(" WHERE TRUE");
        }

        _sql.Add(ordered ? " LIMIT -1" : "");
    }

    private void WriteSourceColumns(Relation table, List<TargetEntry> targets, bool missingKey, bool named)
    {
        for (var i = 0; i < targets.Count; i++)
        {
            _sql.Add(i > 0 ? ", " : "");
            WriteAssigned(table, targets[i]);
            _sql.Add(named ? $" AS c{i + 1}" : "");
        }

        if (missingKey)
        {
            _sql.Add(targets.Count > 0 ? ", " : "");
            WriteNotNullError(table, table.RowIdColumn);
            _sql.Add(named ? $" AS c{targets.Count + 1}" : "");
        }
    }
}
