using System.Globalization;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect;

/// <content>CREATE, ALTER and DROP SEQUENCE, which become calls of functions of the database.</content>
internal ref partial struct SessionParser
{
    /// <summary>Reads a command about a sequence; false if it is about something else, and nothing is read then.</summary>
    public bool TryParseSequence(out LoweredCommand? command, out string tag)
    {
        (command, tag) = (null, "");
        if (_head.Keyword is not (Keyword.Create or Keyword.Alter or Keyword.Drop))
        {
            return false;
        }

        Next();
        var temporary = _head.Is(Keyword.Create) && (Take(Keyword.Temp) || Take(Keyword.Temporary));
        if (!temporary && _head.Is(Keyword.Create))
        {
            Take(Keyword.Unlogged);
        }

        if (!Take(Keyword.Sequence))
        {
            return false;
        }

        if (temporary)
        {
            throw new DialectException("0A000", "temporary sequences are not supported");
        }

        (command, tag) = _head.Keyword switch
        {
            Keyword.Create => (ParseCreateSequence(), "CREATE SEQUENCE"),
            Keyword.Alter => (ParseAlterSequence(), "ALTER SEQUENCE"),
            _ => (ParseDropSequence(), "DROP SEQUENCE"),
        };
        if (_token.Kind is not (TokenKind.End or TokenKind.Semicolon))
        {
            throw Unexpected();
        }

        return true;
    }

    private LoweredCommand ParseCreateSequence()
    {
        var arguments = new List<string?>();
        var unless = false;
        if (Take(Keyword.If))
        {
            Expect(Keyword.Not);
            Expect(Keyword.Exists);
            unless = true;
        }

        arguments.Add(RelationName());
        arguments.Add(unless ? "1" : "0");
        ParseSequenceOptions(arguments, altering: false);
        return Call("_rqlite_create_sequence", [.. arguments]);
    }

    private LoweredCommand ParseAlterSequence()
    {
        var exists = TakeIfExists();
        var arguments = new List<string?> { RelationName(), exists ? "1" : "0" };
        if (Take(Keyword.Rename))
        {
            Expect(Keyword.To);
            arguments.Add(Identifier());
            return Call("_rqlite_rename_sequence", [.. arguments]);
        }

        if (_token.Kind is TokenKind.End or TokenKind.Semicolon)
        {
            throw Unexpected();
        }

        ParseSequenceOptions(arguments, altering: true);
        return Call("_rqlite_alter_sequence", [.. arguments]);
    }

    private LoweredCommand ParseDropSequence()
    {
        var arguments = new List<string?> { TakeIfExists() ? "1" : "0" };
        do
        {
            arguments.Add(RelationName());
        }
        while (TakeKind(TokenKind.Comma));
        if (!Take(Keyword.Cascade))
        {
            Take(Keyword.Restrict);
        }

        return Call("_rqlite_drop_sequence", [.. arguments]);
    }

    private bool TakeIfExists()
    {
        if (!Take(Keyword.If))
        {
            return false;
        }

        Expect(Keyword.Exists);
        return true;
    }

    /// <summary>A name, perhaps behind the one schema that there is.</summary>
    private string RelationName()
    {
        var name = Identifier();
        while (TakeKind(TokenKind.Dot))
        {
            if (name is not ("public" or "main"))
            {
                throw new DialectException("3F000", $"schema \"{name}\" does not exist");
            }

            name = Identifier();
        }

        return name;
    }

    private void ParseSequenceOptions(List<string?> arguments, bool altering)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (_token.Kind is not (TokenKind.End or TokenKind.Semicolon))
        {
            var start = _token;
            var (name, value) = ParseSequenceOption(altering);
            if (!seen.Add(name))
            {
                throw new DialectException("42601", "conflicting or redundant options", Lexer.CharacterPosition(_sql, start.Start));
            }

            if (name is not ("owned" or "owner" or "schema"))
            {
                arguments.Add(name);
                arguments.Add(value);
            }
        }
    }

    private (string Name, string? Value) ParseSequenceOption(bool altering)
    {
        if (Take(Keyword.As))
        {
            return ("type", SequenceType());
        }

        if (Take(Keyword.Increment))
        {
            Take(Keyword.By);
            return ("increment", Number());
        }

        if (Take(Keyword.Minvalue))
        {
            return ("minvalue", Number());
        }

        if (Take(Keyword.Maxvalue))
        {
            return ("maxvalue", Number());
        }

        if (Take(Keyword.No))
        {
            return Take(Keyword.Minvalue) ? ("minvalue", null)
                : Take(Keyword.Maxvalue) ? ("maxvalue", null)
                : Take(Keyword.Cycle) ? ("cycle", "0")
                : throw Unexpected();
        }

        if (Take(Keyword.Start))
        {
            Take(Keyword.With);
            return ("start", Number());
        }

        if (Take(Keyword.Restart))
        {
            var with = Take(Keyword.With);
            return ("restart", with || IsNumber() ? Number() : null);
        }

        if (Take(Keyword.Cache))
        {
            return ("cache", Number());
        }

        return Take(Keyword.Cycle) ? ("cycle", "1") : ParseOwner(altering);
    }

    // Here a sequence belongs to nobody and lies in no schema: these are read and have no effect.
    private (string Name, string? Value) ParseOwner(bool altering)
    {
        if (Take(Keyword.Owned))
        {
            Expect(Keyword.By);
            if (!Take(Keyword.None))
            {
                var at = _token;
                _ = Name();
                if (_token.Kind != TokenKind.Dot)
                {
                    throw new DialectException(
                        "42601", "invalid OWNED BY option", Lexer.CharacterPosition(_sql, at.Start), "Specify OWNED BY table.column or OWNED BY NONE.");
                }

                while (TakeKind(TokenKind.Dot))
                {
                    _ = Name();
                }
            }

            return ("owned", null);
        }

        if (altering && Take(Keyword.Owner))
        {
            Expect(Keyword.To);
            _ = Name();
            return ("owner", null);
        }

        if (altering && Take(Keyword.Set))
        {
            Expect(Keyword.Schema);
            return Name() is "public" or "main" ? ("schema", null) : throw new DialectException("3F000", "there is one schema here, public");
        }

        throw Unexpected();
    }

    private string SequenceType()
    {
        var start = _token;
        if (!TypeNameReader.TryRead(ref Lexer, _token, out var type, out _token))
        {
            throw start.Kind is TokenKind.Word or TokenKind.QuotedIdentifier
                ? new DialectException("42704", $"type \"{Lexer.NameOf(start)}\" does not exist", Lexer.CharacterPosition(_sql, start.Start))
                : Lexer.SyntaxError(start);
        }

        return type.Oid switch
        {
            PgTypes.Int2 => "smallint",
            PgTypes.Int4 => "integer",
            PgTypes.Int8 => "bigint",
            _ => throw new DialectException("22023", "sequence type must be smallint, integer, or bigint"),
        };
    }

    private readonly bool IsNumber() => _token.Kind is TokenKind.Integer or TokenKind.Decimal || IsOperator('-') || IsOperator('+');

    private string Number()
    {
        var sign = TakeOperator('-') ? "-" : TakeOperator('+') ? "" : "";
        if (_token.Kind is not (TokenKind.Integer or TokenKind.Decimal))
        {
            throw Unexpected();
        }

        var text = sign + _sql[_token.Start.._token.End];
        var whole = _token.Kind == TokenKind.Integer;
        Next();
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value.ToString(CultureInfo.InvariantCulture)
            : throw (whole
                ? new DialectException("22003", $"value \"{text}\" is out of range for type bigint")
                : new DialectException("22P02", $"invalid input syntax for type bigint: \"{text}\""));
    }
}
