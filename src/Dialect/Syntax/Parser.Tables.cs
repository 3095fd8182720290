namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>CREATE TABLE, also as a partition, of a type, as a query or as a foreign table.</summary>
public sealed partial class Parser
{
    // EXPLAIN takes CREATE TABLE only with a query.
    private bool _onlyTableAs;

    private Statement ParseCreateTable(Location location, Persistence persistence)
    {
        Expect(Keyword.Table);
        var ifNotExists = AcceptIfNotExists();
        var name = ParseQualifiedName();
        var table = new CreateTableStatement(location, name, persistence, ifNotExists, []);
        if (Accept(Keyword.Of))
        {
            table = table with { OfType = ParseAnyName() };
            table = table with { Elements = ParseTypedElements() };
        }
        else if (Accept(Keyword.Partition))
        {
            Expect(Keyword.Of);
            table = table with { PartitionOf = ParseQualifiedName() };
            table = table with { Elements = ParseTypedElements(), Bound = ParsePartitionBound() };
        }
        else
        {
            if (_onlyTableAs || !At(TokenKind.OpenParen) || (IsColumnId(Peek()) && Peek(2).Kind is TokenKind.Comma or TokenKind.CloseParen))
            {
                return ParseCreateTableAs(location, name, persistence, ifNotExists);
            }

            table = table with { Elements = ParseElements() };
            if (Accept(Keyword.Inherits))
            {
                table = table with { Inherits = ParseParenthesizedList(s_qualifiedName) };
            }
        }

        var partitionBy = At(Keyword.Partition) ? ParsePartitionBy() : null;
        var method = Accept(Keyword.Using) ? ParseColumnId() : null;
        CreateTableStatement result = table with
        {
            PartitionBy = partitionBy,
            AccessMethod = method,
            Options = ParseTableOptions(),
            OnCommit = ParseOnCommit(),
            Tablespace = ParseTablespace(),
        };
        return result;
    }

    private CreateTableAsStatement ParseCreateTableAs(Location location, QualifiedName name, Persistence persistence, bool ifNotExists)
    {
        var columns = ParseOptionalColumns();
        var method = Accept(Keyword.Using) ? ParseColumnId() : null;
        var options = ParseTableOptions();
        var onCommit = ParseOnCommit();
        var tablespace = ParseTablespace();
        Expect(Keyword.As);
        Statement source = At(Keyword.Execute) ? ParseExecute() : ParseQuery();
        return new CreateTableAsStatement(location, false, name, persistence, ifNotExists, columns, source)
        {
            AccessMethod = method,
            Options = options,
            OnCommit = onCommit,
            Tablespace = tablespace,
            WithNoData = ParseWithData() == false,
        };
    }

    private CreateTableAsStatement ParseCreateMaterializedView(Location location, Persistence persistence)
    {
        Expect(Keyword.Materialized, Keyword.View);
        var ifNotExists = AcceptIfNotExists();
        var name = ParseQualifiedName();
        var columns = ParseOptionalColumns();
        var method = Accept(Keyword.Using) ? ParseColumnId() : null;
        var options = ParseOptionalReloptions();
        var tablespace = ParseTablespace();
        Expect(Keyword.As);
        return new CreateTableAsStatement(location, true, name, persistence, ifNotExists, columns, ParseQuery())
        {
            AccessMethod = method,
            Options = options,
            Tablespace = tablespace,
            WithNoData = ParseWithData() == false,
        };
    }

    private CreateTableStatement ParseCreateForeignTable(Location location)
    {
        Expect(Keyword.Foreign, Keyword.Table);
        var ifNotExists = AcceptIfNotExists();
        var table = new CreateTableStatement(location, ParseQualifiedName(), Persistence.Permanent, ifNotExists, []);
        if (Accept(Keyword.Partition))
        {
            Expect(Keyword.Of);
            table = table with { PartitionOf = ParseQualifiedName() };
            table = table with { Elements = ParseTypedElements(), Bound = ParsePartitionBound() };
        }
        else
        {
            table = table with { Elements = At(TokenKind.OpenParen) ? ParseElements() : throw Unexpected() };
            if (Accept(Keyword.Inherits))
            {
                table = table with { Inherits = ParseParenthesizedList(s_qualifiedName) };
            }
        }

        Expect(Keyword.Server);
        return table with { Server = ParseColumnId(), ServerOptions = ParseForeignOptions() };
    }

    private NodeList<TableElement> ParseElements()
    {
        Expect(TokenKind.OpenParen);
        if (Accept(TokenKind.CloseParen))
        {
            return [];
        }

        var elements = ParseList(static p => p.ParseElement());
        Expect(TokenKind.CloseParen);
        return elements;
    }

    private TableElement ParseElement() => At(Keyword.Like) ? ParseLikeElement() : AtTableConstraint() ? ParseTableConstraint()
        : ParseColumnDefinition();

    private NodeList<TableElement> ParseTypedElements() => ParseOptionalParenthesizedList(static p => p.ParseTypedElement());

    private TableElement ParseTypedElement()
    {
        if (AtTableConstraint())
        {
            return ParseTableConstraint();
        }

        var location = Here;
        var name = ParseColumnId();
        if (Accept(Keyword.With))
        {
            Expect(Keyword.Options);
        }

        return ParseColumnConstraints(new ColumnDefinition(location, name, null, []));
    }

    private ColumnDefinition ParseColumnDefinition()
    {
        var location = Here;
        var name = ParseColumnId();
        var column = new ColumnDefinition(location, name, ParseTypeName(), []);
        if (Accept(Keyword.Compression))
        {
            column = column with { Compression = Accept(Keyword.Default) ? "default" : ParseColumnId() };
        }

        return ParseColumnConstraints(column with { ForeignOptions = ParseForeignOptions() });
    }

    private LikeElement ParseLikeElement()
    {
        var location = Here;
        Advance();
        var table = ParseQualifiedName();
        var options = new List<string>();
        while (At(Keyword.Including) || At(Keyword.Excluding))
        {
            var including = At(Keyword.Including) ? "INCLUDING " : "EXCLUDING ";
            Advance();
            options.Add(including + (_token.Kind == TokenKind.Word && _token.Keyword is Keyword.All or Keyword.Comments or Keyword.Compression
                or Keyword.Constraints or Keyword.Defaults or Keyword.Generated or Keyword.Identity or Keyword.Indexes or Keyword.Statistics
                or Keyword.Storage ? TakeName().ToUpperInvariant() : throw Unexpected()));
        }

        return new LikeElement(location, table, ListOf(options));
    }

    private PartitionSpecification ParsePartitionBy()
    {
        var location = Here;
        Expect(Keyword.Partition, Keyword.By);
        return new PartitionSpecification(location, ParseColumnId(), ParseParenthesizedList(static p => p.ParseIndexElement(partition: true)));
    }

    private PartitionBound ParsePartitionBound()
    {
        var location = Here;
        if (Accept(Keyword.Default))
        {
            return new PartitionBound(location, PartitionBoundKind.Default, [], []);
        }

        Expect(Keyword.For, Keyword.Values);
        if (Accept(Keyword.In))
        {
            return new PartitionBound(location, PartitionBoundKind.In, ParseParenthesizedList(s_expression), []);
        }

        if (Accept(Keyword.From))
        {
            var from = ParseParenthesizedList(s_expression);
            Expect(Keyword.To);
            return new PartitionBound(location, PartitionBoundKind.Range, from, ParseParenthesizedList(s_expression));
        }

        Expect(Keyword.With);
        return ParseHashBound(location);
    }

    private PartitionBound ParseHashBound(Location location)
    {
        int? modulus = null;
        int? remainder = null;
        Expect(TokenKind.OpenParen);
        do
        {
            var option = Here;
            var name = ParseNonReservedWord();
            var value = ParseInteger();
            switch (name)
            {
                case "modulus":
                    modulus = modulus is null ? value : throw Error("modulus for hash partition provided more than once", option, state: "42710");
                    break;
                case "remainder":
                    remainder = remainder is null ? value : throw Error("remainder for hash partition provided more than once", option,
                        state: "42710");
                    break;
                default:
                    throw Error($"unrecognized hash partition bound specification \"{name}\"", option);
            }
        }
        while (Accept(TokenKind.Comma));
        Expect(TokenKind.CloseParen);
        return modulus is null ? throw new DialectException("42601", "modulus for hash partition must be specified")
            : remainder is null ? throw new DialectException("42601", "remainder for hash partition must be specified")
            : new PartitionBound(location, PartitionBoundKind.Hash, [], [], modulus.Value, remainder.Value);
    }

    /// <summary>WITH options of a table, or WITHOUT OIDS.</summary>
    private NodeList<Option> ParseTableOptions() => Accept(Keyword.Without, Keyword.Oids) ? [] : ParseOptionalReloptions();

    private NodeList<Option> ParseOptionalReloptions()
    {
        return Accept(Keyword.With) ? ParseReloptions() : [];
    }

    private NodeList<Option> ParseReloptions() => ParseParenthesizedList(static p => p.ParseReloption());

    private Option ParseReloption()
    {
        var location = Here;
        var name = ParseLabel();
        string? space = null;
        if (Accept(TokenKind.Dot))
        {
            space = name;
            name = ParseLabel();
        }

        return new Option(location, space, name, AcceptOperator("=") ? ParseOptionValue() : null);
    }

    private OnCommit ParseOnCommit()
    {
        if (!Accept(Keyword.On))
        {
            return OnCommit.Default;
        }

        Expect(Keyword.Commit);
        if (Accept(Keyword.Drop))
        {
            return OnCommit.Drop;
        }

        var kind = Accept(Keyword.Delete) ? OnCommit.DeleteRows : OnCommit.PreserveRows;
        if (kind == OnCommit.PreserveRows)
        {
            Expect(Keyword.Preserve);
        }

        Expect(Keyword.Rows);
        return kind;
    }

    private string? ParseTablespace() => Accept(Keyword.Tablespace) ? ParseColumnId() : null;

    private NodeList<Option> ParseForeignOptions()
    {
        if (!At(Keyword.Options) || Peek().Kind != TokenKind.OpenParen)
        {
            return [];
        }

        Advance();
        return ParseParenthesizedList(static p =>
        {
            var location = p.Here;
            return new Option(location, null, p.ParseLabel(), p.StringValue());
        });
    }

    /// <summary>OPTIONS of ALTER, with ADD, SET or DROP as the namespace of each.</summary>
    private NodeList<Option> ParseForeignOptionChanges()
    {
        Expect(Keyword.Options);
        return ParseParenthesizedList(static p =>
        {
            var location = p.Here;
            var change = (p.At(Keyword.Add) || p.At(Keyword.Set) || p.At(Keyword.Drop)) && IsLabel(p.Peek()) ? p.TakeName().ToUpperInvariant() : null;
            var name = p.ParseLabel();
            return new Option(location, change, name, change == "DROP" ? null : p.StringValue());
        });
    }

    private NodeList<Option> ParseDefinition() => ParseParenthesizedList(static p =>
    {
        var location = p.Here;
        return new Option(location, null, p.ParseLabel(), p.AcceptOperator("=") ? p.ParseOptionValue() : null);
    });

    /// <summary>The value of an option: a type, a word, an operator, a number or a string.</summary>
    private Node ParseOptionValue()
    {
        var location = Here;
        if (At(TokenKind.String))
        {
            return StringValue();
        }

        if (AtNumber() && !(At(TokenKind.Operator) && Peek().Kind is not (TokenKind.Integer or TokenKind.Decimal)))
        {
            return ParseNumber();
        }

        if (At(TokenKind.Operator) || AtQualifiedOperator())
        {
            return new OperatorValue(location, ParseQualifiedOperator());
        }

        if (At(Keyword.None) || (At(TokenKind.Word) && Keywords.ClassOf(_token.Keyword) == KeywordClass.Reserved))
        {
            return new Constant(location, ConstantKind.String, TakeName());
        }

        return ParseFunctionType();
    }
}
