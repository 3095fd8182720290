using System.Globalization;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>Literals, parameters and the functions that SQL calls without parentheses.</summary>
internal sealed partial class StatementBinder
{
    private const int TimePrecisionMax = 6;

    private BoundExpression BindConstant(Constant constant)
    {
        switch (constant.Kind)
        {
            case ConstantKind.Integer:
                return Number(constant);
            case ConstantKind.Decimal:
                return long.TryParse(constant.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)
                    ? Number(constant)
                    : ReadConstant(constant.Text, PgTypes.Numeric, constant.Location);
            case ConstantKind.Boolean:
                return BooleanConstant(constant.Text == "true", constant.Location);
            case ConstantKind.BitString:
                return ReadConstant("b" + constant.Text, PgTypes.Bit, constant.Location);
            case ConstantKind.HexString:
                return ReadConstant("x" + constant.Text, PgTypes.Bit, constant.Location);
            default:
                return new Const(
                    constant.Kind == ConstantKind.Null ? null : constant.Text, new PgType(PgTypes.Unknown), 0, constant.Location);
        }
    }

    private static Const Number(Constant constant)
    {
        var value = long.Parse(constant.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var type = value is >= int.MinValue and <= int.MaxValue ? PgTypes.Int4 : PgTypes.Int8;
        return new Const(value.ToString(CultureInfo.InvariantCulture), new PgType(type), 0, constant.Location);
    }

    /// <summary>A literal whose form tells its type, in that type's own text.</summary>
    private BoundExpression ReadConstant(string text, uint type, Location location) => _resolver.Coerce(
        new Const(text, new PgType(PgTypes.Unknown), 0, location), new PgType(type), CoercionContext.Implicit, CallForm.ImplicitCast, location)!;

    private Param BindParameter(Parameter parameter)
    {
        _context.Parameters.See(parameter.Number, parameter.Location);
        var type = _context.Parameters[parameter.Number] ?? new PgType(PgTypes.Unknown);
        return new Param(parameter.Number, type, 0, parameter.Location);
    }

    private SqlValueExpr BindSqlValue(SqlValueFunction function)
    {
        var type = function.Kind switch
        {
            SqlValueKind.CurrentDate => PgTypes.Date,
            SqlValueKind.CurrentTime => PgTypes.TimeTz,
            SqlValueKind.CurrentTimestamp => PgTypes.TimestampTz,
            SqlValueKind.Localtime => PgTypes.Time,
            SqlValueKind.Localtimestamp => PgTypes.Timestamp,
            _ => PgTypes.Name,
        };
        return new SqlValueExpr(function.Kind, new PgType(type, TimePrecision(function, type)), _types.CollationOf(type), function.Location);
    }

    private int TimePrecision(SqlValueFunction function, uint type)
    {
        if (function.Precision is not { } precision)
        {
            return -1;
        }

        var name = $"{(type is PgTypes.Time or PgTypes.TimeTz ? "TIME" : "TIMESTAMP")}({precision})"
            + (type is PgTypes.TimeTz or PgTypes.TimestampTz ? " WITH TIME ZONE" : "");
        if (precision < 0)
        {
            throw Error(SqlState.InvalidParameterValue, $"{name} precision must not be negative");
        }

        if (precision <= TimePrecisionMax)
        {
            return precision;
        }

        _context.Notify(new Notice(
            "WARNING", SqlState.InvalidParameterValue, $"{name} precision reduced to maximum allowed, {TimePrecisionMax}"));
        return TimePrecisionMax;
    }
}
