namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>Constraints of columns, tables and domains.</summary>
public sealed partial class Parser
{
    private bool AtTableConstraint() => _token.Kind == TokenKind.Word
        && _token.Keyword is Keyword.Constraint or Keyword.Check or Keyword.Unique or Keyword.Primary or Keyword.Foreign
        || (At(Keyword.Exclude) && (Peek().Kind == TokenKind.OpenParen || Peek().Is(Keyword.Using)));

    /// <summary>The constraints and the collation that stand behind a column's type, in any order.</summary>
    private ColumnDefinition ParseColumnConstraints(ColumnDefinition column)
    {
        var constraints = ParseColumnConstraints(out var collation);
        return column with { Constraints = constraints, Collation = collation };
    }

    private NodeList<TableConstraint> ParseColumnConstraints(out NodeList<string>? collation)
    {
        collation = null;
        List<TableConstraint>? constraints = null;
        while (true)
        {
            var location = Here;
            if (Accept(Keyword.Collate))
            {
                collation = collation is null ? ParseAnyName() : throw Error("multiple COLLATE clauses not allowed", location);
                continue;
            }

            if (TryParseColumnConstraint() is not { } constraint)
            {
                return constraints is null ? [] : ListOf(constraints);
            }

            (constraints ??= []).Add(constraint);
        }
    }

    private TableConstraint? TryParseColumnConstraint()
    {
        var location = Here;
        if (TryParseConstraintAttribute() is { } attribute)
        {
            return new TableConstraint(location, attribute);
        }

        var name = Accept(Keyword.Constraint) ? ParseColumnId() : null;
        var constraint = TryParseColumnConstraintElement(location, name);
        return constraint is null && name is not null ? throw Unexpected() : constraint;
    }

    private ConstraintKind? TryParseConstraintAttribute()
    {
        if (Accept(Keyword.Deferrable))
        {
            return ConstraintKind.Deferrable;
        }

        if (Accept(Keyword.Not, Keyword.Deferrable))
        {
            return ConstraintKind.NotDeferrable;
        }

        if (!Accept(Keyword.Initially))
        {
            return null;
        }

        if (Accept(Keyword.Deferred))
        {
            return ConstraintKind.InitiallyDeferred;
        }

        Expect(Keyword.Immediate);
        return ConstraintKind.InitiallyImmediate;
    }

    private TableConstraint? TryParseColumnConstraintElement(Location location, string? name)
    {
        TableConstraint New(ConstraintKind kind) => new(location, kind, name);

        switch (_token.Kind == TokenKind.Word ? _token.Keyword : Keyword.NoKeyword)
        {
            case Keyword.Not:
                Advance();
                Expect(Keyword.Null);
                return New(ConstraintKind.NotNull);
            case Keyword.Null:
                Advance();
                return New(ConstraintKind.Null);
            case Keyword.Unique:
                Advance();
                var distinct = ParseNullsNotDistinct();
                return WithIndexOptions(New(ConstraintKind.Unique) with { NullsNotDistinct = distinct });
            case Keyword.Primary:
                Advance();
                Expect(Keyword.Key);
                return WithIndexOptions(New(ConstraintKind.PrimaryKey));
            case Keyword.Check:
                Advance();
                var check = New(ConstraintKind.Check) with { Value = ParseParenthesizedExpression() };
                return At(Keyword.No) && Accept(Keyword.No, Keyword.Inherit) ? check with { NoInherit = true } : check;
            case Keyword.Default:
                Advance();
                return New(ConstraintKind.Default) with { Value = ParseExpression(restricted: true) };
            case Keyword.Generated:
                Advance();
                return ParseGenerated(New(ConstraintKind.Generated));
            case Keyword.References:
                return New(ConstraintKind.ForeignKey) with { References = ParseReferences() };
            default:
                return null;
        }
    }

    private Expression ParseParenthesizedExpression()
    {
        Expect(TokenKind.OpenParen);
        var value = ParseExpression();
        Expect(TokenKind.CloseParen);
        return value;
    }

    private TableConstraint ParseGenerated(TableConstraint constraint)
    {
        var when = Here;
        var always = Accept(Keyword.Always);
        if (!always)
        {
            Expect(Keyword.By, Keyword.Default);
        }

        Expect(Keyword.As);
        if (Accept(Keyword.Identity))
        {
            return constraint with
            {
                Kind = ConstraintKind.Identity, Always = always, Sequence = At(TokenKind.OpenParen) ? ParseParenthesizedSequenceOptions() : [],
            };
        }

        var value = ParseParenthesizedExpression();
        Expect(Keyword.Stored);
        return always ? constraint with { Always = true, Value = value } : throw Error("for a generated column, GENERATED ALWAYS must be specified",
            when);
    }

    private NodeList<SequenceOption> ParseParenthesizedSequenceOptions()
    {
        Expect(TokenKind.OpenParen);
        var options = ParseSequenceOptions();
        Expect(TokenKind.CloseParen);
        return options.Count > 0 ? options : throw new Lexer(_text).SyntaxError(TokenAt(_end - 1));
    }

    private bool ParseNullsNotDistinct()
    {
        if (!At(Keyword.Nulls) || !(Peek().Is(Keyword.Not) || Peek().Is(Keyword.Distinct)))
        {
            return false;
        }

        Advance();
        var not = Accept(Keyword.Not);
        Expect(Keyword.Distinct);
        return not;
    }

    private TableConstraint WithIndexOptions(TableConstraint constraint)
    {
        var options = At(Keyword.With) && Peek().Kind == TokenKind.OpenParen;
        if (options)
        {
            Advance();
            constraint = constraint with { Options = ParseDefinition() };
        }

        if (Accept(Keyword.Using, Keyword.Index))
        {
            Expect(Keyword.Tablespace);
            constraint = constraint with { Tablespace = ParseColumnId() };
        }

        return constraint;
    }

    private TableConstraint ParseTableConstraint()
    {
        var location = Here;
        var name = Accept(Keyword.Constraint) ? ParseColumnId() : null;
        TableConstraint New(ConstraintKind kind) => new(location, kind, name);

        switch (_token.Kind == TokenKind.Word ? _token.Keyword : Keyword.NoKeyword)
        {
            case Keyword.Check:
                Advance();
                return ParseConstraintAttributes(New(ConstraintKind.Check) with { Value = ParseParenthesizedExpression() }, "CHECK");
            case Keyword.Unique:
                Advance();
                return ParseKey(New(ConstraintKind.Unique) with { NullsNotDistinct = ParseNullsNotDistinct() }, "UNIQUE");
            case Keyword.Primary:
                Advance();
                Expect(Keyword.Key);
                return ParseKey(New(ConstraintKind.PrimaryKey), "PRIMARY KEY");
            case Keyword.Exclude:
                Advance();
                return ParseExclusion(New(ConstraintKind.Exclusion));
            default:
                Expect(Keyword.Foreign, Keyword.Key);
                var columns = ParseParenthesizedNames();
                var key = New(ConstraintKind.ForeignKey) with { Columns = columns, References = ParseReferences() };
                return ParseConstraintAttributes(key, "FOREIGN KEY");
        }
    }

    private TableConstraint ParseKey(TableConstraint constraint, string what)
    {
        if (!constraint.NullsNotDistinct && Accept(Keyword.Using))
        {
            Expect(Keyword.Index);
            return ParseConstraintAttributes(constraint with { Index = ParseColumnId() }, what);
        }

        constraint = constraint with { Columns = ParseParenthesizedNames() };
        constraint = constraint with { Include = Accept(Keyword.Include) ? ParseParenthesizedNames() : [] };
        return ParseConstraintAttributes(WithIndexOptions(constraint), what);
    }

    private TableConstraint ParseExclusion(TableConstraint constraint)
    {
        constraint = constraint with { AccessMethod = Accept(Keyword.Using) ? ParseColumnId() : null };
        constraint = constraint with
        {
            Exclusions = ParseParenthesizedList(static p =>
            {
                var location = p.Here;
                var element = p.ParseIndexElement();
                p.Expect(Keyword.With);
                return new ExclusionElement(location, element, p.At(Keyword.Operator) ? p.ParseQualifiedOperator() : p.ParseAnyOperator());
            }),
        };
        constraint = constraint with { Include = Accept(Keyword.Include) ? ParseParenthesizedNames() : [] };
        constraint = WithIndexOptions(constraint);
        constraint = constraint with { Where = Accept(Keyword.Where) ? ParseParenthesizedExpression() : null };
        return ParseConstraintAttributes(constraint, "EXCLUDE");
    }

    /// <summary>DEFERRABLE, NOT VALID and the like behind a table's constraint.</summary>
    private TableConstraint ParseConstraintAttributes(TableConstraint constraint, string what)
    {
        bool? deferrable = null;
        bool? deferred = null;
        while (true)
        {
            var location = Here;
            if (TryParseConstraintAttribute() is { } attribute)
            {
                if (attribute is ConstraintKind.Deferrable or ConstraintKind.NotDeferrable)
                {
                    var value = attribute == ConstraintKind.Deferrable;
                    deferrable = deferrable is null || deferrable == value ? value : throw Conflicting(location);
                }
                else
                {
                    var value = attribute == ConstraintKind.InitiallyDeferred;
                    deferred = deferred is null || deferred == value ? value : throw Conflicting(location);
                }

                if (deferrable == false && deferred == true)
                {
                    throw Error("constraint declared INITIALLY DEFERRED must be DEFERRABLE", location);
                }
            }
            else if (Accept(Keyword.Not, Keyword.Valid))
            {
                constraint = what is "CHECK" or "FOREIGN KEY" ? constraint with { NotValid = true } : throw Marked(what, "NOT VALID");
            }
            else if (Accept(Keyword.No, Keyword.Inherit))
            {
                constraint = what == "CHECK" ? constraint with { NoInherit = true } : throw Marked(what, "NO INHERIT");
            }
            else
            {
                break;
            }
        }

        var mayWait = deferrable == true || deferred == true;
        return mayWait && what == "CHECK"
            ? throw Marked(what, "DEFERRABLE")
            : constraint with { Deferrable = mayWait, InitiallyDeferred = deferred == true };
    }

    private DialectException Conflicting(Location location) => Error("conflicting constraint properties", location);

    private static DialectException Marked(string what, string mark) => new("0A000", $"{what} constraints cannot be marked {mark}");

    private ForeignKeyReference ParseReferences()
    {
        var location = Here;
        Expect(Keyword.References);
        var table = ParseQualifiedName();
        var columns = ParseOptionalColumns();
        var match = ReferentialMatch.Simple;
        var matchLocation = Here;
        if (Accept(Keyword.Match))
        {
            match = Accept(Keyword.Full) ? ReferentialMatch.Full
                : Accept(Keyword.Partial) ? throw Error("MATCH PARTIAL not yet implemented", matchLocation, state: "0A000")
                : Accept(Keyword.Simple) ? ReferentialMatch.Simple : throw Unexpected();
        }

        var reference = new ForeignKeyReference(location, table, columns, match, ReferentialAction.NoAction, ReferentialAction.NoAction);
        var update = false;
        var delete = false;
        while (At(Keyword.On) && ((!update && Peek().Is(Keyword.Update)) || (!delete && Peek().Is(Keyword.Delete))))
        {
            var on = Here;
            Advance();
            var isUpdate = At(Keyword.Update);
            Advance();
            var action = ParseReferentialAction(out var set);
            if (isUpdate)
            {
                update = true;
                reference = set.Count == 0
                    ? reference with { OnUpdate = action }
                    : throw Error(
                        $"a column list with {(action == ReferentialAction.SetNull ? "SET NULL" : "SET DEFAULT")} is only supported for ON DELETE actions",
                        on, state: "0A000");
            }
            else
            {
                delete = true;
                reference = reference with { OnDelete = action, OnDeleteColumns = set };
            }
        }

        return reference;
    }

    private ReferentialAction ParseReferentialAction(out NodeList<string> columns)
    {
        columns = [];
        if (Accept(Keyword.No))
        {
            Expect(Keyword.Action);
            return ReferentialAction.NoAction;
        }

        if (Accept(Keyword.Restrict))
        {
            return ReferentialAction.Restrict;
        }

        if (Accept(Keyword.Cascade))
        {
            return ReferentialAction.Cascade;
        }

        Expect(Keyword.Set);
        var action = Accept(Keyword.Null) ? ReferentialAction.SetNull : ReferentialAction.SetDefault;
        if (action == ReferentialAction.SetDefault)
        {
            Expect(Keyword.Default);
        }

        columns = ParseOptionalColumns();
        return action;
    }
}
