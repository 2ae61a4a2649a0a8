/* schema.org JobPosting, as portals publish it (JSON-LD), to a haihe.v1.Vacancy as JSON.
 *
 *   title (or name)             title
 *   description                 description, as written (HTML too); qualifications given as text
 *                               are appended
 *   identifier                  key.id: PropertyValue.value, text or number
 *   (--platform)                key.platform
 *   hiringOrganization          hiring_organization: name, legalName or text
 *   jobLocation                 job_locations: one or a list of Place; geo.latitude/longitude is
 *                               the point; address (PostalAddress or text) is joined to the
 * address; addressLocality and addressRegion give the area_code when they are a code of six digits
 * or the Chinese name of an area that we know; postalCode is ignored jobLocationType TELECOMMUTE:
 * remote baseSalary                  base_salary: MonetaryAmount with currency and value, a number
 * or QuantitativeValue (value, or minValue and maxValue, unitText or unitCode); a bare number or
 * text counts in salaryCurrency a month. A text such as "negotiable" or mian yi: negotiable
 *   employmentType              employment_types: text, text with commas, or a list
 *   totalJobOpenings            total_job_openings
 *   datePosted, validThrough    the date as written; a time behind it is dropped
 *   occupationalCategory        occupational_category: text "15-1252.00 Software Developers",
 *                               CategoryCode (codeValue, name, inCodeSet), or the first of a list;
 *                               without a code it is ignored
 *   skills                      skills: text separated by commas or semicolons (Chinese ones too),
 *                               DefinedTerm (name, else termCode), or a list of both; one named
 *                               twice counts once; importance is not stated
 *   experienceRequirements      months_of_experience: monthsOfExperience, or a number
 *   educationRequirements       education_level: credentialCategory or text, where it is one of the
 *                               known words; the lowest of a list
 *   qualifications              licences: EducationalOccupationalCredential whose
 *                               credentialCategory names a licence
 *
 * Everything else is ignored. A value that has no counterpart (an education that is free text) is
 * left out and noted; a value that contradicts its property (a pay that is no number) refuses the
 * posting, naming the property. Thread: any; nothing is kept.
 */
#ifndef HAIHE_HAIHECTL_JOBPOSTING_H
#define HAIHE_HAIHECTL_JOBPOSTING_H

#include <jansson.h>

#include "base/buffer.h"
#include "base/error.h"

struct area_table;

struct jobposting_options {
    const char *platform;
    const struct area_table *areas; /* NULL = no names */
    struct buffer *note;            /* what was left out is appended, "; " between; NULL = none */
};

/* True when the value has "@type", "@context" or "@graph". */
bool jobposting_is_linked_data(const json_t *value);
/* True when "@type" is or holds JobPosting. */
bool jobposting_is_posting(const json_t *value);
/* A new reference, or NULL and an error whose field is the posting's property. */
json_t *jobposting_to_vacancy(const json_t *posting, const struct jobposting_options *options,
                              struct error *error);

#endif
