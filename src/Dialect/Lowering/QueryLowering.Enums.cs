using System.Runtime.CompilerServices;
using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Lowering;

/// <content>Enums, whose labels are stored, while their order is the catalog's.</content>
internal sealed partial class QueryLowering
{
    private bool IsEnum(BoundExpression value) => StoredTypes.IsEnum(StoredTypes.Base(value.Type, Schema).Oid, Schema);

    /// <summary>Arrays of enums are stored as arrays of labels, whose order is another one.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void RefuseEnumArrayOrder(BoundExpression value)
    {
        if (StoredTypes.IsEnum(StoredTypes.ElementOf(value.Type, Schema), Schema))
        {
            throw NotSupported("the order of arrays of enums", value.Location);
        }
    }

    private uint EnumOf(BoundExpression value) => StoredTypes.Base(value.Type, Schema).Oid;

    private void WriteEnumOrder(BoundExpression value, uint type)
    {
        var saved = _sql.BeginRoot();
        _sql.Enter();
        _sql.Add("pg_enum_order(").Add(type).Add(", ");
        Write(value);
        _sql.Add(")");
        _sql.Leave();
        _sql.EndRoot(saved);
    }

    /// <summary>min or max, of rows or over a window: of the numbers of the labels, from which a label is made again.</summary>
    private void WriteEnumExtreme(PgFunction function, BoundExpression argument, Action writeRest)
    {
        var type = EnumOf(argument);
        _sql.Enter(2);
        _sql.Add("pg_enum_label(").Add(type).Add(", ").Add(function.Name).Add("(");
        WriteEnumOrder(argument, type);
        _sql.Add(")");
        writeRest();
        _sql.Add(")");
        _sql.Leave(2);
    }

    private bool WriteEnumFunction(PgFunction function, NodeList<BoundExpression> arguments, FuncExpr call)
    {
        if (!arguments.Any(IsEnum))
        {
            return false;
        }

        var type = EnumOf(arguments.First(IsEnum));
        switch (function.Source)
        {
            case "enum_first" or "enum_last":
                // The argument tells the type alone.
                _sql.Add($"(pg_enum_range({type}, NULL, NULL) ->> {(function.Source == "enum_first" ? "0" : "'$[#-1]'")})");
                return true;
            case "enum_range_all":
                _sql.Add($"pg_enum_range({type}, NULL, NULL)");
                return true;
            case "enum_range_bounds":
                _sql.Add($"pg_enum_range({type}, ");
                Write(arguments[0]);
                _sql.Add(", ");
                Write(arguments[1]);
                _sql.Add(")");
                return true;
            case "enum_larger" or "enum_smaller":
                Write(new MinMaxExpr(function.Source == "enum_larger", arguments, call.Type, 0, 0, call.Location));
                return true;
            default:
                return false;
        }
    }

    /// <summary>GREATEST or LEAST: of the numbers of the labels, from which a label is made again.</summary>
    private void WriteEnumMinMax(MinMaxExpr expression, uint type)
    {
        _sql.Enter(2);
        _sql.Add("pg_enum_label(").Add(type).Add(expression.Greatest ? ", pg_greatest(" : ", pg_least(").Add(PgTypes.Int8);
        foreach (var argument in expression.Arguments)
        {
            _sql.Add(", ");
            WriteEnumOrder(argument, type);
        }

        _sql.Add("))");
        _sql.Leave(2);
    }
}
