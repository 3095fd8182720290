using System.Text;
using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect;

/// <summary>Converts the constants of EXECUTE to the types of the parameters, as on assignment.</summary>
public static class ExecuteArguments
{
    /// <param name="number">The number of the parameter, from 1.</param>
    /// <param name="type">The parameter's type.</param>
    /// <returns>The value's text as the type reads it; null for NULL.</returns>
    /// <exception cref="DialectException">42804: the constant is of a type that is not assigned to the parameter's.</exception>
    public static string? Fit(ExecuteArgument argument, int number, uint type, TranslationContext context)
    {
        ArgumentNullException.ThrowIfNull(argument);
        ArgumentNullException.ThrowIfNull(context);
        if (argument.Type == PgTypes.Unknown || argument.Literal is not { } text)
        {
            return argument.Literal;
        }

        var resolver = new Resolver(new BindContext(context.Schema, context.SearchPath, new ParameterTypes([])));
        if (!resolver.CanCoerce(argument.Type, type, CoercionContext.Assignment))
        {
            throw new DialectException(
                "42804", $"parameter ${number} of type {resolver.Types.Format(argument.Type)} cannot be coerced to the expected type {resolver.Types.Format(type)}",
                argument.Position, "You will need to rewrite or cast the expression.");
        }

        if (argument.Type == PgTypes.Bool)
        {
            return text;
        }

        var value = Numeric.Parse(Encoding.UTF8.GetBytes(text));
        return (resolver.Types.BaseOf(type) is PgTypes.Int2 or PgTypes.Int4 or PgTypes.Int8 ? value.Round(0) : value).ToString();
    }
}
