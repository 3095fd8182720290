using System.Globalization;

namespace Rqlite.Pg.Dialect.Syntax;

public sealed partial class Parser
{
    private static readonly Func<Parser, TypeName> s_typeName = static p => p.ParseTypeName();

    private TypeName ParseTypeName()
    {
        var location = Here;
        var setOf = Accept(Keyword.Setof);
        var type = ParseSimpleType(constant: false);
        var bounds = ParseArrayBounds();
        return setOf || bounds.Count > 0 ? type with { Location = location, SetOf = setOf, ArrayBounds = bounds } : type;
    }

    /// <summary>A function's type: also that of a column, by %TYPE.</summary>
    private TypeName ParseFunctionType()
    {
        var location = Here;
        var setOf = Accept(Keyword.Setof);
        if (IsTypeFunctionName(_token) && Peek().Kind == TokenKind.Dot)
        {
            var names = new List<string> { ParseTypeFunctionName() };
            while (Accept(TokenKind.Dot))
            {
                names.Add(ParseLabel());
            }

            if (AtOperator("%"))
            {
                Advance();
                Expect(Keyword.Type);
                return new TypeName(location, ListOf(names), [], [], setOf, PercentType: true);
            }

            var modifiers = ParseTypeModifiers();
            return new TypeName(location, ListOf(names), modifiers, ParseArrayBounds(), setOf);
        }

        return ParseTypeName() is var type && setOf ? type with { SetOf = !type.SetOf ? true : throw Unexpected() } : type;
    }

    private NodeList<int> ParseArrayBounds()
    {
        if (Accept(Keyword.Array))
        {
            if (!Accept(TokenKind.OpenBracket))
            {
                return [-1];
            }

            var bound = ParseInteger();
            Expect(TokenKind.CloseBracket);
            return [bound];
        }

        if (!At(TokenKind.OpenBracket))
        {
            return [];
        }

        var bounds = new List<int>();
        while (Accept(TokenKind.OpenBracket))
        {
            bounds.Add(At(TokenKind.CloseBracket) ? -1 : ParseInteger());
            Expect(TokenKind.CloseBracket);
        }

        return ListOf(bounds);
    }

    private NodeList<Expression> ParseTypeModifiers() => ParseOptionalParenthesizedList(s_expression);

    /// <summary>A type without SETOF and array bounds.</summary>
    /// <param name="constant">The type of a literal: bit and char have no length of 1 then.</param>
    private TypeName ParseSimpleType(bool constant)
    {
        var location = Here;
        switch (_token.Kind == TokenKind.Word ? _token.Keyword : Keyword.NoKeyword)
        {
            case Keyword.Int or Keyword.Integer:
                return System(location, "int4");
            case Keyword.Smallint:
                return System(location, "int2");
            case Keyword.Bigint:
                return System(location, "int8");
            case Keyword.Real:
                return System(location, "float4");
            case Keyword.Boolean:
                return System(location, "bool");
            case Keyword.Double when Peek().Is(Keyword.Precision):
                Advance();
                return System(location, "float8");
            case Keyword.Float:
                Advance();
                return SystemType(location, ParseFloat(), []);
            case Keyword.Decimal or Keyword.Dec or Keyword.Numeric:
                Advance();
                return SystemType(location, "numeric", ParseTypeModifiers());
            case Keyword.Bit:
                return ParseBitType(location, constant);
            case Keyword.Character or Keyword.Char or Keyword.Varchar or Keyword.National or Keyword.Nchar:
                return ParseCharacterType(location, constant);
            case Keyword.Time or Keyword.Timestamp:
                return ParseTimeType(location);
            case Keyword.Interval:
                return ParseIntervalType(location, constant);
            default:
                var names = ParseGenericTypeName();
                return new TypeName(location, names, ParseTypeModifiers(), []);
        }
    }

    private NodeList<string> ParseGenericTypeName()
    {
        var first = ParseTypeFunctionName();
        if (!At(TokenKind.Dot))
        {
            return [first];
        }

        var names = new List<string> { first };
        while (Accept(TokenKind.Dot))
        {
            names.Add(ParseLabel());
        }

        return ListOf(names);
    }

    private static TypeName SystemType(Location location, string name, NodeList<Expression> modifiers) => new(location, ["pg_catalog", name],
        modifiers, []);

    private TypeName System(Location location, string name)
    {
        Advance();
        return SystemType(location, name, []);
    }

    private string ParseFloat()
    {
        if (!Accept(TokenKind.OpenParen))
        {
            return "float8";
        }

        var location = Here;
        var precision = ParseInteger();
        Expect(TokenKind.CloseParen);
        return precision switch
        {
            < 1 => throw Error("precision for type float must be at least 1 bit", location, state: "22023"),
            <= 24 => "float4",
            <= 53 => "float8",
            _ => throw Error("precision for type float must be less than 54 bits", location, state: "22023"),
        };
    }

    private TypeName ParseBitType(Location location, bool constant)
    {
        Advance();
        var name = Accept(Keyword.Varying) ? "varbit" : "bit";
        return At(TokenKind.OpenParen) ? SystemType(location, name, ParseTypeModifiers())
            : SystemType(location, name, name == "bit" && !constant ? [Number(1)] : []);
    }

    private TypeName ParseCharacterType(Location location, bool constant)
    {
        if (Accept(Keyword.National) && !At(Keyword.Character) && !At(Keyword.Char))
        {
            throw Unexpected();
        }

        var varying = At(Keyword.Varchar);
        Advance();
        varying |= !varying && Accept(Keyword.Varying);
        var name = varying ? "varchar" : "bpchar";
        if (Accept(TokenKind.OpenParen))
        {
            var length = Here;
            var value = ParseInteger();
            Expect(TokenKind.CloseParen);
            return SystemType(location, name, [Number(value, length)]);
        }

        return SystemType(location, name, varying || constant ? [] : [Number(1)]);
    }

    private TypeName ParseTimeType(Location location)
    {
        var name = At(Keyword.Time) ? "time" : "timestamp";
        Advance();
        NodeList<Expression> modifiers = [];
        if (Accept(TokenKind.OpenParen))
        {
            var precision = Here;
            modifiers = [Number(ParseInteger(), precision)];
            Expect(TokenKind.CloseParen);
        }

        if (At(Keyword.With, Keyword.Time))
        {
            Advance();
            Expect(Keyword.Time, Keyword.Zone);
            return SystemType(location, name + "tz", modifiers);
        }

        if (Accept(Keyword.Without))
        {
            Expect(Keyword.Time, Keyword.Zone);
        }

        return SystemType(location, name, modifiers);
    }

    private TypeName ParseIntervalType(Location location, bool constant)
    {
        Advance();
        if (Accept(TokenKind.OpenParen))
        {
            var precision = Here;
            var value = ParseInteger();
            Expect(TokenKind.CloseParen);
            return SystemType(location, "interval", [Number(IntervalFields.All), Number(value, precision)]);
        }

        return SystemType(location, "interval", constant ? [] : ParseIntervalFields());
    }

    /// <summary>YEAR, DAY TO SECOND(3), …: the mask of the fields and the precision.</summary>
    private NodeList<Expression> ParseIntervalFields()
    {
        var location = Here;
        var first = IntervalFields.Find(_token);
        if (first == 0)
        {
            return [];
        }

        Advance();
        var last = first;
        var mask = first;
        if (first is not (IntervalFields.Month or IntervalFields.Second) && Accept(Keyword.To))
        {
            last = IntervalFields.Find(_token);
            mask = IntervalFields.Range(first, last);
            if (mask == 0)
            {
                throw Unexpected();
            }

            Advance();
        }

        if (last == IntervalFields.Second && Accept(TokenKind.OpenParen))
        {
            var precision = Here;
            var value = ParseInteger();
            Expect(TokenKind.CloseParen);
            return [Number(mask, location), Number(value, precision)];
        }

        return [Number(mask, location)];
    }

    private static Constant Number(int value) => Number(value, Location.None);

    private static Constant Number(int value, Location location) =>
        new(location, ConstantKind.Integer, value.ToString(CultureInfo.InvariantCulture));
}
