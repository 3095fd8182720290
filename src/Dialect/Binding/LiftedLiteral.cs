using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>
/// Literals whose values are given to a translation as parameters, so that it serves other statements of the same form.
/// </summary>
/// <remarks>
/// A translation that was made with <see cref="TranslationContext.LiftsLiterals"/> may run for another text if
/// <list type="number">
/// <item>the schema's version, the search path, the user, the database and the declared types of the parameters are equal, as for the same text;</item>
/// <item>the texts differ in the literals of <see cref="LiteralTokens"/> alone (or in blanks and comments), and these are equal in number and class;</item>
/// <item>each literal that no <see cref="StepParameter.Literal"/> of the steps refers to by <see cref="Const.Lift"/> is equal in value;</item>
/// <item>for each that one refers to, <see cref="With"/> gives a constant. It takes the place of the parameter's literal and is written by
/// <see cref="StepParameter.Type"/>.</item>
/// </list>
/// Otherwise the text is translated by itself, which also gives its errors their places. The same literal may be the value of several parameters, of
/// different types. What the translation has besides its literals (types, columns, notices, relations) is the same for all such texts.
/// </remarks>
public static class LiftedLiteral
{
    /// <summary>The constant that another literal of the same class makes in the place of a lifted one.</summary>
    /// <param name="value">The literal's value, as <see cref="LiteralTokens.ValueOf"/> gives it.</param>
    /// <returns>
    /// Null where the statement with this literal is another one or an error: the literal is no value of the type, its meaning depends on the
    /// session or the moment, or the number has another type with its sign.
    /// </returns>
    public static Const? With(Const lifted, LiteralClass literalClass, string value, ISchema schema)
    {
        ArgumentNullException.ThrowIfNull(lifted);
        ArgumentNullException.ThrowIfNull(value);
        try
        {
            return literalClass == LiteralClass.String
                ? WithText(lifted, value, schema)
                : WithNumber(lifted, lifted.Text!.StartsWith('-') ? "-" + value : value, schema);
        }
        catch (TypeException)
        {
            return null;
        }
    }

    private static Const? WithNumber(Const lifted, string number, ISchema schema)
    {
        var (type, text) = Numbers.Read(number);
        return type == lifted.Type.Oid ? type == PgTypes.Numeric ? WithText(lifted, text, schema) : lifted with { Text = text } : null;
    }

    private static Const? WithText(Const lifted, string text, ISchema schema)
    {
        var reader = new LiteralReader(new TypeLookup(new BindContext(schema, [], new ParameterTypes([]))), null);
        return reader.Read(text, lifted.Type) is { } read ? lifted with { Text = read } : null;
    }
}
