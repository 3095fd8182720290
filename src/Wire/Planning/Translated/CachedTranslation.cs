using System.Buffers;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Values;

namespace Rqlite.Pg.Wire.Planning.Translated;

/// <summary>A translation of one text, and what another text must have in common with it besides its shape (<see cref="LiftedLiteral"/>).</summary>
internal sealed class CachedTranslation
{
    private readonly TranslatedStatement _plan;
    private readonly Translation _translation;
    private readonly uint[] _declared;
    private readonly long _schema;
    private readonly IReadOnlyList<string> _path;
    private readonly string _user;
    private readonly string _database;

    // The values of the literals that the translation depends on; null for those that are given to it.
    private readonly string?[] _fixed;

    private CachedTranslation(
        TranslatedStatement plan, Translation translation, TranslationContext context, long schema, uint[] declared, string?[] literals)
    {
        (_plan, _translation, _declared, _fixed) = (plan, translation, declared, literals);
        (_schema, _path, _user, _database) = (schema, context.SearchPath, context.User, context.Database);
    }

    /// <summary>The number of the schema; a later one has a higher number.</summary>
    public long Schema => _schema;

    public long Bytes => _plan.Bytes + (64L * _fixed.Length);

    /// <summary>Null for a translation that may not be kept.</summary>
    public static CachedTranslation? Of(
        TranslatedStatement plan, Translation translation, ShapedPart part, TranslationContext context, ReadOnlySpan<uint> declared)
    {
        if (!context.IsShared || context.Schema is not SchemaSnapshot { Number: var schema })
        {
            return null;
        }

        var literals = new string?[part.Literals.Tokens.Count];
        for (var i = 0; i < literals.Length; i++)
        {
            literals[i] = part.Literals.ValueOf(i);
        }

        foreach (var parameter in translation.Steps.SelectMany(static step => step.Parameters))
        {
            if (parameter.Literal is { Lift: >= 0 and var lifted })
            {
                literals[lifted] = null;
            }
        }

        return new CachedTranslation(plan, translation, context, schema, declared.ToArray(), literals);
    }

    public bool Serves(ShapedPart part, TranslationContext context, ReadOnlySpan<uint> declared)
    {
        if (context.Schema is not SchemaSnapshot { Number: var schema } || schema != _schema
            || !IsFor(context.SearchPath, context.User, context.Database, declared))
        {
            return false;
        }

        for (var i = 0; i < _fixed.Length; i++)
        {
            if (_fixed[i] is { } value && part.Literals.ValueOf(i) != value)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The other one is the same for a schema that is gone.</summary>
    public bool Replaces(CachedTranslation other) => other.IsFor(_path, _user, _database, _declared) && other._fixed.AsSpan().SequenceEqual(_fixed);

    /// <summary>The statement with the literals of another text; null if one of them makes it another statement, or an error.</summary>
    public TranslatedStatement? For(ShapedPart part, ISchema schema)
    {
        var steps = new PlannedStep[_plan.Steps.Count];
        for (var i = 0; i < steps.Length; i++)
        {
            if (!TryGive(part, schema, _plan.Steps[i], _translation.Steps[i].Parameters, out steps[i]))
            {
                return null;
            }
        }

        return _plan with { Part = part, Steps = steps };
    }

    private bool IsFor(IReadOnlyList<string> path, string user, string database, ReadOnlySpan<uint> declared) =>
        declared.SequenceEqual(_declared) && user == _user && database == _database && path.SequenceEqual(_path);

    private static bool TryGive(
        ShapedPart part, ISchema schema, PlannedStep step, IReadOnlyList<StepParameter> parameters, out PlannedStep given)
    {
        given = step;
        StepValue[]? values = null;
        for (var i = 0; i < parameters.Count; i++)
        {
            if (parameters[i].Literal is not { Lift: >= 0 and var lifted } literal)
            {
                continue;
            }

            if (LiftedLiteral.With(literal, part.Literals.Tokens[lifted].Class, part.Literals.ValueOf(lifted), schema) is not { } constant)
            {
                return false;
            }

            var output = new ArrayBufferWriter<byte>();
            try
            {
                StoredParameters.WriteText(output, constant.Text, parameters[i].Type);
            }
            catch (TypeException)
            {
                // The translation of the text by itself tells the error with its place.
                return false;
            }

            values ??= (StepValue[])step.Values!.Clone();
            values[i] = values[i] with { Constant = output.WrittenMemory };
        }

        given = values is null ? step : step with { Values = values };
        return true;
    }
}
