using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Lowering;

/// <content>Rows that are taken out of JSON by column definition lists.</content>
internal sealed partial class QueryLowering
{
    /// <summary>json_to_record or its kin, as which json_populate_record with a row of nulls is carried out.</summary>
    private FuncExpr RecordCall(BoundExpression function)
    {
        if (function is FuncExpr { Function.Name: "json_to_record" or "json_to_recordset" or "jsonb_to_record" or "jsonb_to_recordset" } plain)
        {
            return plain;
        }

        var name = function is FuncExpr { Arguments: [Const { Text: null }, ..] } populate ? populate.Function.Name switch
        {
            "json_populate_record" => "json_to_record(json)",
            "json_populate_recordset" => "json_to_recordset(json)",
            "jsonb_populate_record" => "jsonb_to_record(jsonb)",
            "jsonb_populate_recordset" => "jsonb_to_recordset(jsonb)",
            _ => null,
        } : null;
        return name is null
            ? throw NotSupported("a column definition list for this function", function.Location)
            : (FuncExpr)function with { Function = Builtins.FindFunction(name)!, Arguments = [((FuncExpr)function).Arguments[1]] };
    }

    /// <summary>The JSON value of a call, which has to be an object, or for a set an array of objects.</summary>
    /// <param name="written">The function that the statement calls, which errors name.</param>
    private Fragment CheckedRecords(FuncExpr call, BoundExpression written)
    {
        var saved = _sql;
        _sql = new SqlText();
        _sql.Add(call.Function.Name.EndsWith("set", StringComparison.Ordinal) ? "pg_json_objects(" : "pg_json_object(")
            .Literal(((FuncExpr)written).Function.Name).Add(", ");
        Write(call.Arguments[0]);
        _sql.Add(")");
        var fragment = new Fragment(_sql.ToString(), call.Arguments[0].Type);
        _sql = saved;
        return fragment;
    }

    /// <summary>A member of a JSON object as an array.</summary>
    private sealed record JsonArrayField(BoundExpression Json, string Key, PgType Array) : BoundExpression(Array, 0, Json.Location);

    private void WriteJsonArray(JsonArrayField field)
    {
        var array = StoredTypes.Carried(field.Type, Schema);
        _sql.Add($"pg_json_array({array.Oid}, {array.Modifier}, ").Literal(field.Key).Add(", ");
        Write(field.Json);
        _sql.Add(")");
    }

    /// <summary>The columns that a column definition list takes out of the elements of a JSON value.</summary>
    private List<BoundExpression> DefinedColumns(BoundTableFunction function, string alias)
    {
        var call = RecordCall(function.Call);
        var name = call.Function.Name;
        var binary = name.StartsWith("jsonb", StringComparison.Ordinal);
        var json = new PgType(binary ? PgTypes.Jsonb : PgTypes.Json);
        var field = Builtins.FindFunction(binary ? "jsonb_object_field(jsonb,text)" : "json_object_field(json,text)")!;
        var fieldText = Builtins.FindFunction(binary ? "jsonb_object_field_text(jsonb,text)" : "json_object_field_text(json,text)")!;
        var row = new Fragment($"{alias}.{(name.EndsWith("set", StringComparison.Ordinal) ? ElementsOf(call).Column : "v1")}", json);
        var columns = new List<BoundExpression>();
        for (var i = 0; i < function.Columns.Count; i++)
        {
            var key = new Const(function.Columns[i], new PgType(PgTypes.Text), 100, Location.None);
            var type = function.Types[i];
            if (StoredTypes.ElementOf(type, Schema) is not 0 and var element)
            {
                columns.Add(StoredTypes.IsEnum(element, Schema)
                    ? throw AreNotSupported("arrays of enums in a column definition list", call.Location)
                    : new JsonArrayField(new FuncExpr(field, [row, key], CallForm.Call, false, json, 0, 0, call.Location), function.Columns[i], type));
                continue;
            }

            var asJson = type.Oid is PgTypes.Json or PgTypes.Jsonb;
            var text = new FuncExpr(
                asJson ? field : fieldText, [row, key], CallForm.Call, false, asJson ? json : new PgType(PgTypes.Text), 0, 0, call.Location);
            columns.Add(type == text.Type ? text : new CoerceViaIOExpr(text, CallForm.ImplicitCast, type, 0, call.Location));
        }

        return columns;
    }

    /// <summary>The set of a JSON array's elements, which json_to_recordset takes its rows from.</summary>
    private (RuntimeSet Set, string Column) ElementsOf(FuncExpr call)
    {
        var elements = call.Function.Name == "jsonb_to_recordset" ? "jsonb_array_elements(jsonb)" : "json_array_elements(json)";
        return Implementations.Find(Builtins.FindFunction(elements)!.Oid) is RuntimeSet set
            ? (set, SqlText.Quoted(set.Table.Columns[0].Name))
            : throw Refused(call.Function, call.Location);
    }
}
