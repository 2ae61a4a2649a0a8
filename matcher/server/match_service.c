/* haihe.v1.MatchService on a search worker: read, find the subject, search or explain, write.
 * Cost: the search; the rest is some microseconds. */
#include <inttypes.h>
#include <stdio.h>

#include "core/explain.h"
#include "core/search.h"
#include "server/service.h"
#include "wire/match_message.h"

#include "base/banned.h"

static bool check_min_sequence(const struct question *question, const struct match_options *options,
                               struct error *error)
{
    uint64_t present = question->view->root->sequence;
    if (options->min_sequence <= present)
        return true;
    return error_set(error, ERROR_FAILED_PRECONDITION,
                     "min_sequence %" PRIu64 " is not reached, the newest change is %" PRIu64,
                     options->min_sequence, present);
}

/* The profile of the request, with its weights where it has some. */
static bool choose_profile(const struct question *question, const struct match_options *options,
                           struct profile *profile, struct error *error)
{
    const struct profile *named = engine_profile(question->view->engine, options->profile);
    if (!named)
        return error_set(error, ERROR_NOT_FOUND, "profile '%.*s' not found",
                         STR_ARG(options->profile));
    *profile = *named;
    if (options->has_weights)
        memcpy(profile->weights, options->weights, sizeof profile->weights);
    return true;
}

/* What a request says about scoring; `profile` is filled and borrowed. */
static bool make_scoring(const struct question *question, const struct match_options *options,
                         enum ranking ranking, struct profile *profile, struct scoring *scoring,
                         struct error *error)
{
    if (!check_min_sequence(question, options, error) ||
        !choose_profile(question, options, profile, error))
        return false;
    *scoring = (struct scoring){
        .profile = profile,
        .taxonomy = question->view->model->taxonomy,
        .ranking = ranking,
        .soft_gates = options->soft_gates,
        .filter = options->has_filter ? &options->filter : NULL,
    };
    memcpy(scoring->penalties, options->penalties, sizeof scoring->penalties);
    return true;
}

/* Has the subject's record in `subject` when it returns, inline or, by its key, unpacked with
 * `scratch`; *sequence is 0 for an inline one. False when there is no such record. */
static bool find_subject(const struct question *question, enum record_kind kind,
                         struct match_subject *subject, struct record_scratch *scratch,
                         uint64_t *sequence, struct error *error)
{
    *sequence = 0;
    if (!subject->by_key)
        return true;
    const struct entry *entry = engine_find(question->view, kind, subject->key);
    if (!entry)
        return error_set(error, ERROR_NOT_FOUND, "%s '%.*s:%.*s' not found",
                         kind == RECORD_VACANCY ? "vacancy" : "applicant",
                         STR_ARG(subject->key.platform), STR_ARG(subject->key.id));
    *sequence = entry->sequence;
    record_scratch_init(scratch, question->view->lexicon);
    if (kind == RECORD_VACANCY)
        entry_vacancy(entry, scratch, &subject->vacancy);
    else
        entry_applicant(entry, scratch, &subject->applicant);
    return true;
}

/* By the index; by a look at every record when each gate's removals are to be counted. */
static bool search_root(const struct engine_view *view, const struct search_request *search,
                        bool count_gates, struct search_result *result, struct error *error)
{
    enum ranking ranking = search->scoring.ranking;
    if (count_gates)
        return search_exhaustive(search,
                                 ranking == RANK_VACANCIES ? &view->root->vacancies
                                                           : &view->root->applicants,
                                 view->arena, result, error);
    if (!index_search(search, view->root->indexes[ranking], NULL, view->arena, result, NULL, error))
        return false;
    /* What the index saw of the gates is no count of anything. */
    result->passed_count = 0;
    memset(result->removed, 0, sizeof result->removed);
    return true;
}

static bool answer_match(const struct question *question, enum ranking ranking, struct buffer *out,
                         struct error *error)
{
    const struct engine_view *view = question->view;
    struct match_request request;
    struct profile profile;
    struct search_request search = {.deadline_ns = question->deadline_ns,
                                    .cancelled = question->cancelled};
    struct search_result result;
    struct record_scratch scratch;
    uint64_t subject_sequence;
    if (!wire_read_match(view->model, ranking, question->request, view->today, view->arena,
                         &request, error) ||
        !make_scoring(question, &request.options, ranking, &profile, &search.scoring, error) ||
        !find_subject(question, ranking == RANK_VACANCIES ? RECORD_APPLICANT : RECORD_VACANCY,
                      &request.subject, &scratch, &subject_sequence, error))
        return false;
    search.k = request.options.k;
    search.after = request.options.has_after ? &request.options.after : NULL;
    if (ranking == RANK_VACANCIES)
        search.applicant = &request.subject.applicant;
    else
        search.vacancy = &request.subject.vacancy;
    if (!search_root(view, &search, request.options.count_gates, &result, error))
        return false;
    engine_count_pairs(view->engine, result.candidate_count);
    const struct match_answer answer = {
        .result = &result,
        .ranking = ranking,
        .sequence = view->root->sequence,
        .lexicon = view->lexicon,
        .profile = &profile,
        .unresolved_skills = request.subject.extras.unresolved_skills,
    };
    return wire_write_matches(out, view->arena, &answer) ||
           error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the answer");
}

bool answer_match_vacancies(const struct question *question, struct buffer *out,
                            struct error *error)
{
    return answer_match(question, RANK_VACANCIES, out, error);
}

bool answer_match_applicants(const struct question *question, struct buffer *out,
                             struct error *error)
{
    return answer_match(question, RANK_APPLICANTS, out, error);
}

bool answer_explain(const struct question *question, struct buffer *out, struct error *error)
{
    const struct engine_view *view = question->view;
    struct explain_request request;
    struct profile profile;
    struct scoring scoring;
    struct explanation explanation;
    struct record_scratch scratches[2];
    struct explain_answer answer = {.explanation = &explanation, .scoring = &scoring};
    if (!wire_read_explain(view->model, question->request, view->today, view->arena, &request,
                           error) ||
        !make_scoring(question, &request.options, request.ranking, &profile, &scoring, error) ||
        !find_subject(question, RECORD_VACANCY, &request.vacancy, &scratches[0],
                      &answer.vacancy_sequence, error) ||
        !find_subject(question, RECORD_APPLICANT, &request.applicant, &scratches[1],
                      &answer.applicant_sequence, error))
        return false;
    answer.vacancy = &request.vacancy.vacancy;
    answer.applicant = &request.applicant.applicant;
    answer.vacancy_key = answer.vacancy->key;
    answer.applicant_key = answer.applicant->key;
    if (!explain_pair(&scoring, answer.vacancy, answer.applicant, view->arena, &explanation, error))
        return false;
    engine_count_pairs(view->engine, 1);
    return wire_write_explanation(out, view->arena, &answer) ||
           error_set(error, ERROR_RESOURCE_EXHAUSTED, "no memory for the answer");
}
