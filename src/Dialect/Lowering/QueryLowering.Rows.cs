using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Lowering;

/// <content>Values that are rows. They have no stored form; JSON functions take their JSON text, and all others refuse them.</content>
internal sealed partial class QueryLowering
{
    private static bool IsRow(BoundExpression expression) => expression is RowExpr or Var { Attribute: 0 };

    private void WriteRow(RowExpr row) => throw AreNotSupported("row values here", row.Location);

    private void WriteFieldSelect(FieldSelectExpr field)
    {
        switch (field.Argument)
        {
            case RowExpr row:
                Write(row.Items[field.Field - 1]);
                break;
            case Var { Attribute: 0 } whole:
                Write(FieldsOf(whole)[field.Field - 1].Value);
                break;
            case SubLink { Kind: SubLinkKind.Multi or SubLinkKind.Expression } link:
                WriteScalarQuery(link.Query, field.Field);
                break;
            default:
                throw AreNotSupported("fields of this value", field.Location);
        }
    }

    /// <summary>The columns of a relation whose row is a value.</summary>
    private List<(string Name, BoundExpression Value)> FieldsOf(Var row)
    {
        var entry = Current.Up(row.LevelsUp).Relations[row.Relation - 1].Entry;
        Var Column(int index, PgType type, uint collation) => new(row.Relation, (short)(index + 1), row.LevelsUp, type, collation, row.Location);
        return entry switch
        {
            RelationEntry e => [.. e.Relation.Attributes.Select((a, i) => (a, i)).Where(c => !c.a.Dropped)
                .Select(c => (NameOf(e, c.i, c.a.Name), (BoundExpression)Column(c.i, c.a.Type, c.a.Collation)))],
            SubqueryEntry e => [.. e.Query.Visible.Select((t, i) => (NameOf(e, i, t.Name ?? ""), (BoundExpression)Column(i, t.Value.Type, t.Value.Collation)))],
            CommonTableEntry e => [.. e.Types.Select((t, i) => (NameOf(e, i, ""), (BoundExpression)Column(i, t, e.Collations[i])))],
            ValuesEntry e => [.. e.Types.Select((t, i) => (NameOf(e, i, ""), (BoundExpression)Column(i, t, e.Collations[i])))],
            FunctionEntry e => [.. e.Functions.SelectMany(f => f.Types.Select((t, i) => (t, f.Collations.Count > i ? f.Collations[i] : 0)))
                .Select((c, i) => (NameOf(e, i, ""), (BoundExpression)Column(i, c.t, c.Item2)))],
            JoinEntry e => [.. e.Values.Select((v, i) => (NameOf(e, i, ""), (BoundExpression)Column(i, v.Type, v.Collation)))],
            _ => throw AreNotSupported("values of whole rows", row.Location),
        };
    }

    private static string NameOf(RangeTableEntry entry, int index, string other) => index < entry.Columns.Count ? entry.Columns[index] : other;

    /// <summary>A row as the text that row_to_json gives.</summary>
    private void WriteRowJson(BoundExpression expression)
    {
        if (expression is RowExpr row)
        {
            WriteFieldsJson([.. row.Items.Select((item, i) => (i < row.Names.Count ? row.Names[i] : $"f{i + 1}", item))]);
            return;
        }

        var whole = (Var)expression;
        if (RowMarker(whole) is not { } marker)
        {
            WriteFieldsJson(FieldsOf(whole));
            return;
        }

        _sql.Add("CASE WHEN ").Add(marker).Add(" IS NOT NULL THEN ");
        WriteFieldsJson(FieldsOf(whole));
        _sql.Add(" END");
    }

    private void WriteFieldsJson(List<(string Name, BoundExpression Value)> fields)
    {
        _sql.Enter(3);
        _sql.Add("pg_json_row(");
        for (var i = 0; i < fields.Count; i++)
        {
            var (name, value) = fields[i];
            _sql.Add(i > 0 ? ", " : "").Literal(name).Add(", ");
            if (IsRow(value))
            {
                WriteRowJson(value);
            }
            else
            {
                Write(Call("to_json(anyelement)", new PgType(PgTypes.Json), [value], value.Location));
            }
        }

        _sql.Add(")");
        _sql.Leave(3);
    }

    /// <summary>What is null where an outer join has put nulls in the place of a row; null itself for a relation whose rows are always there.</summary>
    private string? RowMarker(Var row)
    {
        var relation = Current.Up(row.LevelsUp).Relations[row.Relation - 1];
        if (!relation.Nullable)
        {
            return null;
        }

        if (relation.Marker is { } marker)
        {
            return $"{relation.Qualifier}.{marker}";
        }

        if (relation.Entry is RelationEntry { Relation: { } table })
        {
            if (table is { Kind: RelationKind.Table, WithoutRowId: false })
            {
                return relation.Qualifier + ".rowid";
            }

            if (table.Attributes.FirstOrDefault(a => a is { NotNull: true, Dropped: false }) is { } column)
            {
                return $"{relation.Qualifier}.{SqlText.Quoted(column.Name)}";
            }
        }

        throw AreNotSupported("values of whole rows of this relation in an outer join", row.Location);
    }

    private void WriteWholeRowTest(Var row, NullTestExpr test)
    {
        var fields = FieldsOf(row);
        if (fields.Count == 0)
        {
            _sql.Add("TRUE");
            return;
        }

        WriteJunction(
            [.. fields.Select(field => (BoundExpression)new NullTestExpr(field.Value, test.Not, false, test.Location))], " AND ", Write);
    }

    /// <summary>A text that is equal for equal rows, for count(DISTINCT (a, b)).</summary>
    private void WriteRowKey(RowExpr row)
    {
        foreach (var item in row.Items)
        {
            if (IsRow(item) || StoredTypes.OrderOf(item.Type, Schema) is not { Collation: null })
            {
                throw NotSupported($"DISTINCT over rows with values of type {TypeFormat.Name(item.Type.Oid)}", row.Location);
            }
        }

        _sql.Add("pg_row_key(");
        for (var i = 0; i < row.Items.Count; i++)
        {
            _sql.Add(i > 0 ? ", " : "");
            Write(row.Items[i]);
        }

        _sql.Add(")");
    }
}
