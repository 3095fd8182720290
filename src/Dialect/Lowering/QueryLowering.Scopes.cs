using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Lowering;

/// <content>Names relations and columns.</content>
internal sealed partial class QueryLowering
{
    private const short TidColumn = -1;
    private const short XminColumn = -2;
    private const short TableOidColumn = -6;

    private Scope NewScope(BoundQuery query, Scope? outer)
    {
        var relations = new RelationNames[query.Relations.Count];
        var scope = new Scope(query, outer, relations) { Kept = outer is null ? _kept : null };
        var wholeRows = WholeRows(query);
        for (var i = 0; i < relations.Length; i++)
        {
            relations[i] = NameRelation(scope, i + 1, wholeRows.Contains(i + 1));
        }

        foreach (var item in query.From)
        {
            MarkNullable(scope, item, nullable: false);
        }

        return scope;
    }

    private RelationNames NameRelation(Scope scope, int number, bool wholeRow)
    {
        var query = scope.Query;
        var entry = query.Relations[number - 1];
        var lateral = DependsOnSiblings(query, entry);
        switch (entry)
        {
            case RelationEntry relation:
                return new RelationNames(entry, NextAlias(), [.. relation.Relation.Attributes.Select(a => SqlText.Quoted(a.Name))]);
            case JoinEntry join:
                return new RelationNames(entry, "", []) { Values = join.Values };
            case ValuesEntry values:
                return new RelationNames(entry, NextAlias(), Numbered(lateral ? "v" : "column", values.Types.Count)) { Packed = lateral };
            case SubqueryEntry subquery:
                var count = subquery.Query.Visible.Count();
                return new RelationNames(entry, NextAlias(), Numbered(lateral ? "v" : "c", count))
                {
                    Packed = lateral,
                    Marker = lateral ? "ordinal" : wholeRow && subquery.Query.SetOperations is null ? "present" : null,
                };
            case CommonTableEntry table:
                var kept = scope.Up(table.LevelsUp).Kept?.ContainsKey(table.Table) == true;
                return new RelationNames(entry, NextAlias(), Numbered(kept ? "v" : "c", table.Types.Count));
            case FunctionEntry function:
                return NameFunctions(function, lateral);
            default:
                throw new InvalidOperationException($"There is no relation {entry.GetType().Name}.");
        }
    }

    private RelationNames NameFunctions(FunctionEntry entry, bool lateral)
    {
        var alias = NextAlias();
        if (entry.Functions is [{ Definition: true } defined] && !entry.Ordinality)
        {
            return new RelationNames(entry, alias, []) { Values = DefinedColumns(defined, alias) };
        }

        if (entry.Functions.Count == 1 && !entry.Ordinality && SetOf(entry.Functions[0].Call) is { } set)
        {
            return new RelationNames(entry, alias, [.. set.Table.Columns.Take(entry.Functions[0].Types.Count).Select(c => SqlText.Quoted(c.Name))])
            {
                Marker = "rowid",
            };
        }

        var columns = entry.Functions.Sum(f => f.Types.Count);
        var plain = entry.Functions.Count == 1 && !entry.Ordinality && !lateral;
        return new RelationNames(entry, alias, [.. Numbered(plain ? "c" : "v", columns), .. entry.Ordinality ? ["ordinal"] : Array.Empty<string>()])
        {
            Packed = !plain,
            Marker = plain ? null : "ordinal",
        };
    }

    private static RuntimeSet? SetOf(BoundExpression call) => call is FuncExpr f ? Implementations.Find(f.Function.Oid) as RuntimeSet : null;

    private static string[] Numbered(string prefix, int count)
    {
        var names = new string[count];
        for (var i = 0; i < count; i++)
        {
            names[i] = $"{prefix}{i + 1}";
        }

        return names;
    }

    /// <summary>A relation of FROM whose expressions refer to other relations of the same FROM.</summary>
    private static bool DependsOnSiblings(BoundQuery query, RangeTableEntry entry) => query.Relations.Count > 1 && entry switch
    {
        SubqueryEntry { Lateral: true } e => Trees.Any(e.Query, RefersToLevel),
        FunctionEntry e => e.Functions.Any(f => Trees.Any(f.Call, RefersToLevel)),
        ValuesEntry e => e.Rows.Any(row => row.Any(value => Trees.Any(value, RefersToLevel))),
        _ => false,
    };

    private static bool RefersToLevel(BoundExpression expression, int level) => expression is Var v && v.LevelsUp == level;

    /// <summary>The relations of which a value of the whole row is asked for.</summary>
    private static HashSet<int> WholeRows(BoundQuery query)
    {
        var found = new HashSet<int>();
        _ = Trees.Any(query, (e, level) =>
        {
            if (e is Var { Attribute: 0 } v && v.LevelsUp == level - 1)
            {
                found.Add(v.Relation);
            }

            return false;
        });
        return found;
    }

    private static void MarkNullable(Scope scope, FromItem item, bool nullable)
    {
        // Joins nest on the left as deep as the statement has joins, so that side is followed by the loop.
        while (item is FromJoin join)
        {
            MarkNullable(scope, join.Right, nullable || join.Kind is JoinKind.Left or JoinKind.Full);
            nullable |= join.Kind is JoinKind.Right or JoinKind.Full;
            scope.Relations[join.Relation - 1].Nullable = nullable || join.Kind != JoinKind.Inner;
            item = join.Left;
        }

        scope.Relations[((FromRelation)item).Relation - 1].Nullable = nullable;
    }

    private void WriteVar(Var column)
    {
        var scope = Current.Up(column.LevelsUp);
        var relation = scope.Relations[column.Relation - 1];
        if (column.Attribute == 0)
        {
            WriteRow(column);
            return;
        }

        if (column.Attribute < 0)
        {
            WriteSystemColumn(column, relation);
            return;
        }

        if (relation.Values is { } values)
        {
            var saved = _scope;
            _scope = scope;
            Write(values[column.Attribute - 1]);
            _scope = saved;
            return;
        }

        WriteQualified(relation, relation.Columns[column.Attribute - 1]);
    }

    private void WriteQualified(RelationNames relation, string column)
    {
        if (relation.Qualifier.Length > 0)
        {
            _sql.Add(relation.Qualifier).Add(".");
        }

        _sql.Add(column);
    }

    private void WriteSystemColumn(Var column, RelationNames relation)
    {
        if (relation.Entry is not RelationEntry { Relation: { } table })
        {
            throw AreNotSupported("system columns of this relation", column.Location);
        }

        switch (column.Attribute)
        {
            case TableOidColumn when !relation.Nullable:
                _sql.Add(table.Oid);
                break;
            case TidColumn when table is { WithoutRowId: false, Kind: RelationKind.Table }:
                var row = new Fragment(relation.Qualifier.Length > 0 ? relation.Qualifier + ".rowid" : "rowid", new PgType(PgTypes.Int8));
                _sql.Add("pg_row_tid(").Add(row.Sql).Add(")");
                break;
            case XminColumn when table.Kind == RelationKind.Table:
                _sql.Add("pg_row_version(");
                var separator = "";
                foreach (var name in table.Attributes.Where(a => !a.Dropped).Select(a => SqlText.Quoted(a.Name)))
                {
                    _sql.Add(separator);
                    WriteQualified(relation, name);
                    separator = ", ";
                }

                _sql.Add(")");
                break;
            default:
                throw NotSupported("this system column", column.Location);
        }
    }
}
