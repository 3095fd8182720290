using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>Literals, parameters and the functions that SQL calls without parentheses.</summary>
internal sealed partial class StatementBinder
{
    private const int TimePrecisionMax = 6;

    private BoundExpression BindConstant(Constant constant, Scope scope)
    {
        switch (constant.Kind)
        {
            case ConstantKind.Integer or ConstantKind.Decimal:
                return BindNumber(constant, scope);
            case ConstantKind.Boolean:
                return BooleanConstant(constant.Text == "true", constant.Location);
            case ConstantKind.BitString:
                return ReadConstant("b" + constant.Text, PgTypes.Bit, constant.Location);
            case ConstantKind.HexString:
                return ReadConstant("x" + constant.Text, PgTypes.Bit, constant.Location);
            case ConstantKind.Null:
                return new Const(null, new PgType(PgTypes.Unknown), 0, constant.Location);
            default:
                return new Const(constant.Text, new PgType(PgTypes.Unknown), 0, constant.Location, LiftOf(constant, LiteralClass.String, scope));
        }
    }

    private BoundExpression BindNumber(Constant constant, Scope scope)
    {
        var (type, text) = Numbers.Read(constant.Text);
        return type == PgTypes.Numeric
            ? ReadConstant(text, type, constant.Location, LiftOf(constant, LiteralClass.Numeric, scope))
            : new Const(
                text, new PgType(type), 0, constant.Location,
                LiftOf(constant, type == PgTypes.Int4 ? LiteralClass.Int4 : LiteralClass.Int8, scope));
    }

    /// <summary>A literal whose form tells its type, in that type's own text.</summary>
    private BoundExpression ReadConstant(string text, uint type, Location location, int lift = -1) => _resolver.Coerce(
        new Const(text, new PgType(PgTypes.Unknown), 0, location, lift), new PgType(type), CoercionContext.Implicit, CallForm.ImplicitCast, location)!;

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
