using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Lowering;

/// <content>
/// Values that are rows. JSON functions take their JSON text; for all else a row is the text that PostgreSQL shows, of which only whole rows known as
/// such are looked at field by field.
/// </content>
internal sealed partial class QueryLowering
{
    private static bool IsRow(BoundExpression expression) => expression is RowExpr or Var { Attribute: 0 };

    private static bool IsRowType(PgType type, ISchema schema) => StoredTypes.Carried(type, schema).Oid == PgTypes.Record;

    /// <summary>A row as its text.</summary>
    private void WriteRow(BoundExpression row)
    {
        if (row is RowExpr items)
        {
            WriteRecord([.. items.Items.Select(item => (item, ""))]);
            return;
        }

        var whole = (Var)row;
        var marker = RowMarker(whole);
        _sql.Add(marker is null ? "" : $"CASE WHEN {marker} IS NOT NULL THEN ");
        WriteRecord([.. FieldsOf(whole).Select(field => (field.Value, ""))]);
        _sql.Add(marker is null ? "" : " END");
    }

    /// <param name="fields">The fields; for those that have been written their SQL.</param>
    private void WriteRecord(List<(BoundExpression Value, string Sql)> fields)
    {
        if (fields.Count == 0)
        {
            _sql.Add("'()'");
            return;
        }

        PgType[] types = [.. fields.Select(field => IsRow(field.Value) ? new PgType(PgTypes.Record) : StoredTypes.Carried(field.Value.Type, Schema))];
        var asks = types.Any(type => DependsOnSession(type.Oid));
        _asksSession |= asks;
        _sql.Enter();
        _sql.Add(asks ? "pg_record_session(" : "pg_record(");
        for (var i = 0; i < fields.Count; i++)
        {
            if (fields[i].Sql.Length > 0)
            {
                _sql.Add(fields[i].Sql);
            }
            else
            {
                Write(fields[i].Value);
            }

            _sql.Add(", ");
        }

        _sql.Add("'").Add(string.Join(' ', types.Select(TypeText))).Add("')");
        _sql.Leave();
    }

    /// <summary>
    /// = and &lt;&gt; of two rows: field by field, where null equals null. A row and a record are compared by their texts if equal fields have equal texts.
    /// </summary>
    private bool WriteRowEquality(NodeList<BoundExpression> operands, bool equal, Location location)
    {
        var (left, right) = (FieldsOrNull(operands[0]), FieldsOrNull(operands[1]));
        if (left is not null && right is not null)
        {
            if (left.Count != right.Count || left.Zip(right).Any(pair => pair.First.Type.Oid != pair.Second.Type.Oid))
            {
                return false;
            }

            var same = left.Zip(right, BoundExpression (a, b) => Same(a, b, location)).ToArray();
            _sql.Add(equal ? "" : "(NOT ");
            WriteConjunction(same);
            _sql.Add(equal ? "" : ")");
            return true;
        }

        if ((left ?? right)?.All(field => !IsRow(field) && StoredTypes.OrderOf(field.Type, Schema) is { Collation: null }
            && field.Type.Oid is not (PgTypes.Float4 or PgTypes.Float8)) != true)
        {
            return false;
        }

        WriteArithmetic(operands, equal ? " = " : " <> ");
        return true;
    }

    private BoolExpr Same(BoundExpression left, BoundExpression right, Location location)
    {
        var equality = IsRow(left)
            ? null
            : new Resolver(new BindContext(Schema, [], new ParameterTypes([]))).SortOperators(left.Type.Oid, false, false, Location.None).Equal;
        return equality is null
            ? throw NotSupported("comparing rows with these fields", location)
            : new BoolExpr(BoolOperator.Not, [new DistinctExpr(equality, left, right, 0, location)], location);
    }

    private void WriteConjunction(BoundExpression[] terms)
    {
        if (terms.Length == 0)
        {
            _sql.Add("TRUE");
            return;
        }

        WriteJunction(NodeList.Create<BoundExpression>(terms), " AND ", Write);
    }

    private List<BoundExpression>? FieldsOrNull(BoundExpression row) => row switch
    {
        RowExpr r => [.. r.Items],
        Var { Attribute: 0 } whole when RowMarker(whole) is null => [.. FieldsOf(whole).Select(field => field.Value)],
        _ => null,
    };

    /// <summary>A field of a row that is known as its text alone.</summary>
    private void WriteRecordField(BoundExpression record, FieldSelectExpr field)
    {
        var saved = _sql;
        _sql = new SqlText();
        _sql.Add("pg_record_field(");
        Write(record);
        _sql.Add(", ").Add(field.Field).Add(")");
        var text = new Fragment(_sql.ToString(), new PgType(PgTypes.Text));
        _sql = saved;
        Write(StoredTypes.Carried(field.Type, Schema).Oid == PgTypes.Text
            ? text
            : new CoerceViaIOExpr(text, CallForm.ExplicitCast, field.Type, field.Collation, field.Location));
    }

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
            case FuncExpr { ReturnsSet: true } call when _replacedFields is not null && _replacedFields.TryGetValue(call, out var columns):
                _sql.Add(columns[field.Field - 1]);
                break;
            case SubLink { Kind: SubLinkKind.Multi or SubLinkKind.Expression } link when link.Query.Visible.Count() >= field.Field
                && !(link.Query.Visible.Count() == 1 && IsRowType(link.Query.Visible.First().Value.Type, Schema)):
                WriteScalarQuery(link.Query, field.Field);
                break;
            case { Type.Oid: PgTypes.Record } record:
                WriteRecordField(record, field);
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

    /// <summary>An expression that is null where an outer join has put nulls in the place of a row; null itself for a relation whose rows are always there.</summary>
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
